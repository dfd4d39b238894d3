import CKernels
import Glibc
import SiamData
import SiamFormats
import SiamInterpreter
import SiamLanguage
import SiamPrompt
import SiamRuntime
import SiamTensor

/// The server for assistants that run tools (the Model Context Protocol, a message a line). One thread listens, so that a
/// call can be cancelled and comes to an end in its time; calls are done one after another in the thread that began.
public final class AssistantServer: @unchecked Sendable {
    private let wire: Wire
    private let tools: AssistantTools
    private var lock = pthread_mutex_t()
    private var rung = pthread_cond_t()
    // The members below are accessed with the lock held.
    private var calls: [(id: JSON, parameters: JSON)] = []
    private var cancelled: [JSON] = []
    private var current: (id: JSON, until: Double?)?
    private var isOver = false

    /// The versions with a handshake, newest first.
    private static let versions = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"]
    /// The version without one: each request names it.
    private static let stateless = "2026-07-28"
    private static let versionKey = "io.modelcontextprotocol/protocolVersion"
    private static let about = JSON.record(["name": .text("siam"), "version": .text(Version.number)])
    private static let abilities = JSON.record(["tools": .record(["listChanged": .bool(false)])])

    /// - Parameters:
    ///   - mayWrite: whether programs may write outside of the working folder.
    ///   - memory: the most that tensors, lists and texts may take, in bytes.
    public init(mayWrite: Bool, memory: Int) {
        wire = Wire(.lines)
        tools = AssistantTools()
        pthread_mutex_init(&lock, nil)
        pthread_cond_init(&rung, nil)
        Memory.budget = memory
        if !mayWrite { WholeFile.stay(in: Files.currentFolder()) }
    }

    private func locked<T>(_ body: () -> T) -> T {
        pthread_mutex_lock(&lock)
        defer { pthread_mutex_unlock(&lock) }
        return body()
    }

    private func send(_ message: JSON) { _ = locked { wire.send(message) } }

    /// Serves until standard input ends; the exit code.
    public func run() -> Int32 {
        var thread = pthread_t()
        pthread_create(
            &thread, nil,
            { given in
                siam_fault_stack()
                if let given { Unmanaged<AssistantServer>.fromOpaque(given).takeUnretainedValue().listen() }
                return nil
            }, Unmanaged.passRetained(self).toOpaque())
        while let call = next() {
            // An interrupt that came late was for the call before.
            _ = siam_interrupt_take()
            perform(call.id, call.parameters)
            locked { current = nil }
        }
        return 0
    }

    private func next() -> (id: JSON, parameters: JSON)? {
        pthread_mutex_lock(&lock)
        defer { pthread_mutex_unlock(&lock) }
        while calls.isEmpty {
            if isOver { return nil }
            pthread_cond_wait(&rung, &lock)
        }
        let call = calls.removeFirst()
        cancelled.removeAll { $0 == call.id }
        current = (call.id, nil)
        return call
    }

    // MARK: Calls

    private func perform(_ id: JSON, _ parameters: JSON) {
        var told = 0
        if let token = parameters["_meta"]?["progressToken"], token != .null {
            tools.onProgress = { [weak self] text in
                told += 1
                self?.send(
                    RPC.notification(
                        "notifications/progress",
                        .record(["progressToken": token, "progress": .whole(told), "message": .text(text)])))
            }
        }
        defer { tools.onProgress = nil }
        let begin: (Double) -> Void = { [weak self] seconds in
            self?.locked { self?.current?.until = Clock.now() + seconds }
        }
        do {
            let result = try tools.call(
                parameters["name"]?.text ?? "", parameters["arguments"] ?? .object([]), limited: begin)
            let wasCancelled = locked { cancelled.contains(id) }
            if !wasCancelled { send(RPC.result(id, result)) }
        } catch let refusal as RPCError {
            send(RPC.failure(id, refusal.code, refusal.message))
        } catch {
            send(RPC.failure(id, -32603, "\(error)"))
        }
    }

    // MARK: The thread that listens

    private func listen() {
        while !wire.hasEnded {
            while let bytes = wire.next() { if !bytes.isEmpty { heard(bytes) } }
            // A running call is watched: it is ended after its time limit, or once its caller has gone.
            let isBusy = locked { current != nil }
            _ = wire.wait(isBusy ? 50 : 200)
            locked {
                guard let current else { return }
                if cancelled.contains(current.id) || current.until.map({ Clock.now() > $0 }) == true {
                    _ = siam_interrupt_raise()
                }
            }
        }
        while let bytes = wire.next() { if !bytes.isEmpty { heard(bytes) } }
        locked {
            isOver = true
            pthread_cond_broadcast(&rung)
        }
        // The caller has gone: the result of a running call has no reader.
        for _ in 0..<20 {
            guard locked({ current != nil || !calls.isEmpty }) else { return }
            _ = siam_interrupt_raise()
            usleep(100_000)
        }
        _exit(0)
    }

    private func heard(_ bytes: [UInt8]) {
        let message: JSON
        do { message = try JSON.read(bytes) } catch {
            return send(RPC.failure(.null, -32700, "the message is not valid JSON"))
        }
        // Several at once, as older versions have it.
        if case .array(let all) = message {
            if all.isEmpty { send(RPC.failure(.null, -32600, "no request in it")) }
            for one in all { answer(one) }
        } else {
            answer(message)
        }
    }

    private func answer(_ message: JSON) {
        let parameters = message["params"] ?? .object([])
        guard let method = message["method"]?.text else {
            guard message["result"] == nil, message["error"] == nil else { return }
            return send(RPC.failure(message["id"] ?? .null, -32600, "a request expects a method"))
        }
        guard let id = message["id"], id != .null else {
            if method == "notifications/cancelled", let gone = parameters["requestId"] { cancel(gone) }
            return
        }
        if let asked = parameters["_meta"]?[AssistantServer.versionKey]?.text,
            asked != AssistantServer.stateless, !AssistantServer.versions.contains(asked)
        {
            return send(
                .record([
                    "jsonrpc": .text("2.0"), "id": id,
                    "error": .record([
                        "code": .whole(-32022), "message": .text("siam does not speak version \(asked)"),
                        "data": .record([
                            "supported": .texts([AssistantServer.stateless] + AssistantServer.versions),
                            "requested": .text(asked),
                        ]),
                    ]),
                ]))
        }
        switch method {
        case "server/discover":
            send(
                RPC.result(
                    id,
                    .record([
                        "resultType": .text("complete"), "ttlMs": .whole(3_600_000), "cacheScope": .text("public"),
                        "supportedVersions": .texts([AssistantServer.stateless] + AssistantServer.versions),
                        "capabilities": AssistantServer.abilities, "instructions": .text(AssistantTools.instructions),
                        "_meta": .record(["io.modelcontextprotocol/serverInfo": AssistantServer.about]),
                    ])))
        case "initialize":
            let asked = parameters["protocolVersion"]?.text ?? ""
            let version = AssistantServer.versions.contains(asked) ? asked : AssistantServer.versions[0]
            send(
                RPC.result(
                    id,
                    .record([
                        "protocolVersion": .text(version),
                        "capabilities": AssistantServer.abilities, "serverInfo": AssistantServer.about,
                        "instructions": .text(AssistantTools.instructions),
                    ])))
        case "ping": send(RPC.result(id, .object([])))
        case "tools/list":
            send(
                RPC.result(
                    id,
                    .record([
                        "resultType": .text("complete"), "ttlMs": .whole(3_600_000), "cacheScope": .text("public"),
                        "tools": .array(AssistantTool.all.map(\.described)),
                    ])))
        case "tools/call":
            locked {
                calls.append((id, parameters))
                pthread_cond_broadcast(&rung)
            }
        default: send(RPC.failure(id, -32601, "siam has no \(method)"))
        }
    }

    private func cancel(_ id: JSON) {
        locked {
            if calls.contains(where: { $0.id == id }) {
                calls.removeAll { $0.id == id }
            } else if current?.id == id {
                cancelled.append(id)
                _ = siam_interrupt_raise()
            }
        }
    }
}
