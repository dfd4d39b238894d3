import CKernels
import Glibc
import SiamData
import SiamFormats
import SiamLanguage

/// The kernel's sockets, in a thread of their own: it takes messages while a program runs, hands on what is asked, and sends
/// what there is to say. An interrupt and the end are seen to at once.
final class KernelPost: @unchecked Sendable {
    private let zmq: ZeroMQ
    private let key: [UInt8]
    private let shell, iopub, input, control, heart: ZeroMQ.Pointer
    let session = KernelMessage.name()
    private var lock = pthread_mutex_t()
    private var rung = pthread_cond_t()
    /// A pipe that becomes readable when there is something to send.
    private let bell: (read: Int32, write: Int32)
    // The members below are accessed with the lock held.
    private var requests: [KernelMessage] = []
    private var answers: [KernelMessage] = []
    private var leaving: [(channel: Channel, message: KernelMessage)] = []
    private var isEnding = false

    enum Channel { case shell, iopub, input, control }

    init(_ connection: ConnectionFile) throws {
        zmq = try ZeroMQ()
        key = connection.key
        func at(_ name: String) -> String { connection.addresses[name] ?? "" }
        shell = try zmq.socket(.router, at: at("shell"))
        iopub = try zmq.socket(.publisher, at: at("iopub"))
        input = try zmq.socket(.router, at: at("stdin"))
        control = try zmq.socket(.router, at: at("control"))
        heart = try zmq.socket(.reply, at: at("hb"))
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw Diagnostic(code: "kernel.address", "this process may open no more files")
        }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        bell = (ends[0], ends[1])
        pthread_mutex_init(&lock, nil)
        pthread_cond_init(&rung, nil)
    }

    /// Begins to listen.
    func begin() {
        var thread = pthread_t()
        let me = Unmanaged.passRetained(self).toOpaque()
        pthread_create(
            &thread, nil,
            { given in
                siam_fault_stack()
                if let given { Unmanaged<KernelPost>.fromOpaque(given).takeUnretainedValue().serve() }
                return nil
            }, me)
    }

    private func locked<T>(_ body: () -> T) -> T {
        pthread_mutex_lock(&lock)
        defer { pthread_mutex_unlock(&lock) }
        return body()
    }

    // MARK: For the thread of the session

    func send(_ channel: Channel, _ message: KernelMessage) {
        while true {
            let isFull = locked { () -> Bool in
                // What is printed without end waits for the sockets.
                guard leaving.count < 10_000 else { return true }
                leaving.append((channel, message))
                return false
            }
            if !isFull { break }
            usleep(1000)
        }
        var one: UInt8 = 1
        _ = write(bell.write, &one, 1)
    }

    /// The next request; nil once the kernel is to end. Interrupts that come meanwhile are ignored.
    func next() -> KernelMessage? { take { requests.isEmpty ? nil : requests.removeFirst() } }

    /// The answer to a question that was put to the user; nil where an interrupt came instead.
    func answer() -> KernelMessage? { take(until: { siam_interrupt_is_due() != 0 }) { answers.popLast() } }

    /// Forgets answers to a question that is no longer waited for.
    func forgetAnswers() { locked { answers = [] } }

    private func take(until isOver: (() -> Bool)? = nil, _ body: () -> KernelMessage?) -> KernelMessage? {
        pthread_mutex_lock(&lock)
        defer { pthread_mutex_unlock(&lock) }
        while true {
            if isEnding { return nil }
            if let found = body() { return found }
            var until = timespec()
            clock_gettime(CLOCK_REALTIME, &until)
            until.tv_nsec += 50_000_000
            if until.tv_nsec >= 1_000_000_000 {
                (until.tv_sec, until.tv_nsec) = (until.tv_sec + 1, until.tv_nsec - 1_000_000_000)
            }
            pthread_cond_timedwait(&rung, &lock, &until)
            if let isOver {
                if isOver() { return nil }
            } else {
                _ = siam_interrupt_take()
            }
        }
    }

    /// The requests to run something that wait now, which are not run any more.
    func dropExecutions() -> [KernelMessage] {
        locked {
            let dropped = requests.filter { $0.type == "execute_request" }
            requests.removeAll { $0.type == "execute_request" }
            return dropped
        }
    }

    // MARK: The thread of the sockets

    private func serve() {
        var items = [shell, control, input, heart, iopub].map { ZeroMQ.Item(socket: $0) }
        items.append(ZeroMQ.Item(socket: nil, file: bell.read))
        while true {
            zmq.wait(&items, milliseconds: -1)
            if items[5].seen != 0 {
                var rings = [UInt8](repeating: 0, count: 4096)
                while read(bell.read, &rings, rings.count) > 0 {}
            }
            while let beat = zmq.receive(heart) { zmq.send(heart, beat) }
            while let parts = zmq.receive(iopub) { welcome(parts) }
            while let parts = zmq.receive(control) {
                if let message = KernelMessage(parts, key: key) { controlled(message) }
            }
            while let parts = zmq.receive(input) {
                if let message = KernelMessage(parts, key: key), message.type == "input_reply" {
                    hand(message, \.answers)
                }
            }
            while let parts = zmq.receive(shell) {
                guard let message = KernelMessage(parts, key: key) else { continue }
                if message.type == "shutdown_request" {
                    controlled(message, on: .shell)
                } else {
                    hand(message, \.requests)
                }
            }
            flush()
        }
    }

    private func hand(_ message: KernelMessage, _ list: ReferenceWritableKeyPath<KernelPost, [KernelMessage]>) {
        pthread_mutex_lock(&lock)
        self[keyPath: list].append(message)
        pthread_cond_broadcast(&rung)
        pthread_mutex_unlock(&lock)
    }

    /// Confirms a subscription to the published messages.
    private func welcome(_ parts: [[UInt8]]) {
        guard let first = parts.first, first.first == 1 else { return }
        let topic = Array(first.dropFirst())
        let message = KernelMessage(
            header: KernelMessage.header("iopub_welcome", session: session), parent: .object([]),
            content: .record(["subscription": .text(String(decoding: topic, as: UTF8.self))]))
        zmq.send(iopub, [topic] + message.parts(key: key))
    }

    private func flush() {
        let all = locked { () -> [(channel: Channel, message: KernelMessage)] in
            defer { leaving = [] }
            return leaving
        }
        var waiting: KernelMessage?
        for (channel, message) in all {
            guard channel == .iopub else {
                if let waiting { publish(waiting) }
                waiting = nil
                zmq.send(channel == .shell ? shell : channel == .control ? control : input, message.parts(key: key))
                continue
            }
            // Pieces of one stream go together.
            if var before = waiting {
                if before.type == "stream", message.type == "stream", before.parent == message.parent,
                    before.content["name"] == message.content["name"], let a = before.content["text"]?.text,
                    let b = message.content["text"]?.text, a.utf8.count < 1 << 16
                {
                    before.content = .record(["name": message.content["name"], "text": .text(a + b)])
                    waiting = before
                    continue
                }
                publish(before)
            }
            waiting = message
        }
        if let waiting { publish(waiting) }
    }

    private func publish(_ message: KernelMessage) {
        zmq.send(iopub, [Array("kernel.\(session).\(message.type)".utf8)] + message.parts(key: key))
    }

    /// What cannot wait for the session.
    private func controlled(_ message: KernelMessage, on channel: Channel = .control) {
        func status(_ state: String) {
            publish(
                KernelMessage(
                    header: KernelMessage.header("status", session: session), parent: message.header,
                    content: .record(["execution_state": .text(state)])))
        }
        func reply(_ content: JSON) {
            let type = message.type.replacing("_request", with: "_reply")
            let answer = KernelMessage(
                identities: message.identities, header: KernelMessage.header(type, session: session),
                parent: message.header, content: content)
            zmq.send(channel == .shell ? shell : control, answer.parts(key: key))
        }
        status("busy")
        switch message.type {
        case "interrupt_request":
            _ = siam_interrupt_raise()
            reply(.record(["status": .text("ok")]))
        case "shutdown_request":
            flush()
            reply(.record(["status": .text("ok"), "restart": message.content["restart"] ?? .bool(false)]))
            status("idle")
            end()
            return
        case "kernel_info_request": reply(Kernel.info)
        default:
            reply(
                .record([
                    "status": .text("error"), "ename": .text("request"), "evalue": .text("siam has no \(message.type)"),
                    "traceback": .array([]),
                ]))
        }
        status("idle")
    }

    /// Ends the process, once what was said has gone: a program that runs is not waited for.
    private func end() {
        locked { isEnding = true }
        usleep(100_000)
        _exit(0)
    }
}
