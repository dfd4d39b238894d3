import Glibc
import SiamLanguage

/// The library that notebooks speak through, opened when the first of its sockets is: who wants no notebook needs none.
struct ZeroMQ {
    typealias Pointer = UnsafeMutableRawPointer
    enum Kind: Int32 { case reply = 4, router = 6, publisher = 9 }

    private let context: Pointer
    private let makeSocket: @convention(c) (Pointer, Int32) -> Pointer?
    private let setOption: @convention(c) (Pointer, Int32, UnsafeRawPointer, Int) -> Int32
    private let bindSocket: @convention(c) (Pointer, UnsafePointer<CChar>) -> Int32
    private let sendBytes: @convention(c) (Pointer, UnsafeRawPointer?, Int, Int32) -> Int32
    private let beginMessage: @convention(c) (Pointer) -> Int32
    private let receiveMessage: @convention(c) (Pointer, Pointer, Int32) -> Int32
    private let dataOf: @convention(c) (Pointer) -> Pointer?
    private let sizeOf: @convention(c) (Pointer) -> Int
    private let hasMore: @convention(c) (Pointer) -> Int32
    private let endMessage: @convention(c) (Pointer) -> Int32
    private let pollItems: @convention(c) (Pointer, Int32, Int) -> Int32
    private let lastError: @convention(c) () -> Int32

    /// What is waited for: a socket or a file.
    struct Item {
        var socket: Pointer?
        var file: Int32 = -1
        var events: Int16 = 1
        var seen: Int16 = 0
    }

    init() throws {
        guard let library = dlopen("libzmq.so.5", RTLD_NOW | RTLD_LOCAL) else {
            throw Diagnostic(
                code: "kernel.library", "notebooks need the library libzmq.so.5, which is not installed",
                repair: "apt install libzmq5")
        }
        func symbol<F>(_ name: String, _ type: F.Type) throws -> F {
            guard let found = dlsym(library, name) else {
                throw Diagnostic(code: "kernel.library", "the library libzmq.so.5 is too old: it has no \(name)")
            }
            return unsafeBitCast(found, to: F.self)
        }
        makeSocket = try symbol("zmq_socket", (@convention(c) (Pointer, Int32) -> Pointer?).self)
        setOption = try symbol("zmq_setsockopt", (@convention(c) (Pointer, Int32, UnsafeRawPointer, Int) -> Int32).self)
        bindSocket = try symbol("zmq_bind", (@convention(c) (Pointer, UnsafePointer<CChar>) -> Int32).self)
        sendBytes = try symbol("zmq_send", (@convention(c) (Pointer, UnsafeRawPointer?, Int, Int32) -> Int32).self)
        beginMessage = try symbol("zmq_msg_init", (@convention(c) (Pointer) -> Int32).self)
        receiveMessage = try symbol("zmq_msg_recv", (@convention(c) (Pointer, Pointer, Int32) -> Int32).self)
        dataOf = try symbol("zmq_msg_data", (@convention(c) (Pointer) -> Pointer?).self)
        sizeOf = try symbol("zmq_msg_size", (@convention(c) (Pointer) -> Int).self)
        hasMore = try symbol("zmq_msg_more", (@convention(c) (Pointer) -> Int32).self)
        endMessage = try symbol("zmq_msg_close", (@convention(c) (Pointer) -> Int32).self)
        pollItems = try symbol("zmq_poll", (@convention(c) (Pointer, Int32, Int) -> Int32).self)
        lastError = try symbol("zmq_errno", (@convention(c) () -> Int32).self)
        let makeContext = try symbol("zmq_ctx_new", (@convention(c) () -> Pointer?).self)
        guard let context = makeContext() else {
            throw Diagnostic(code: "kernel.library", "the library libzmq.so.5 could not be started")
        }
        self.context = context
    }

    func socket(_ kind: Kind, at address: String) throws -> Pointer {
        guard let socket = makeSocket(context, kind.rawValue) else {
            throw Diagnostic(code: "kernel.address", "there is no socket for \(address)")
        }
        // What was not sent yet is waited for a second at the end; nothing is dropped before.
        for (option, value) in [(17, 1000), (23, 0), (24, 0)] as [(Int32, Int32)] {
            var value = value
            _ = setOption(socket, option, &value, MemoryLayout<Int32>.size)
        }
        // A publisher reports each subscriber, also one with a subscription that another has.
        if kind == .publisher {
            var on: Int32 = 1
            _ = setOption(socket, 40, &on, MemoryLayout<Int32>.size)
        }
        guard bindSocket(socket, address) == 0 else {
            throw Diagnostic(
                code: "kernel.address",
                "nothing can listen at \(address): \(String(cString: strerror(lastError())).lowercased())")
        }
        return socket
    }

    /// The parts of the next message; nil where there is none.
    func receive(_ socket: Pointer) -> [[UInt8]]? {
        var parts: [[UInt8]] = []
        // The library's own size of a message, with room to spare.
        let message = Pointer.allocate(byteCount: 128, alignment: 64)
        defer { message.deallocate() }
        while true {
            guard beginMessage(message) == 0 else { return nil }
            let got = receiveMessage(message, socket, 1)
            guard got >= 0 else {
                _ = endMessage(message)
                return nil
            }
            let part = UnsafeRawBufferPointer(start: dataOf(message), count: sizeOf(message))
            parts.append(Array(part))
            let more = hasMore(message) != 0
            _ = endMessage(message)
            if !more { return parts }
        }
    }

    func send(_ socket: Pointer, _ parts: [[UInt8]]) {
        for (k, part) in parts.enumerated() {
            let flags: Int32 = k + 1 < parts.count ? 2 : 0
            let sent = part.withUnsafeBytes { sendBytes(socket, $0.baseAddress, part.count, flags) }
            if sent < 0 { return }
        }
    }

    /// Waits until something of the items can be read.
    func wait(_ items: inout [Item], milliseconds: Int) {
        for k in items.indices { items[k].seen = 0 }
        let count = Int32(items.count)
        items.withUnsafeMutableBytes { all in
            if let first = all.baseAddress { _ = pollItems(first, count, milliseconds) }
        }
    }
}
