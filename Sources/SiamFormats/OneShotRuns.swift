import SiamData
import SiamTensor

/// Runs of one-shot classification (Lake, Salakhutdinov and Tenenbaum, 2015): in each, one example of every class and
/// some queries to be told apart by them.
public struct OneShotRuns: Sendable {
    /// runs x ways x height x width x channels.
    public let support: Tensor
    /// runs x queries x height x width x channels.
    public let query: Tensor
    /// The right class of each query of each run, an index into the run's support.
    public let answer: [[Int]]
    public let name: String

    public var runs: Int { answer.count }
    /// Classes a run: 20 of Omniglot's.
    public var ways: Int { support.shape[1] }
    public var queriesPerRun: Int { query.shape[1] }
    /// All queries: 400 of Omniglot's.
    public var count: Int { runs * queriesPerRun }

    /// The examples of one run, ways x height x width x channels, and its queries. Throws where there is no such run.
    public func run(_ index: Int) throws -> (support: Tensor, query: Tensor, answer: [Int]) {
        guard answer.indices.contains(index) else {
            throw DataError(code: "one_shot.run", message: "run \(index) was asked for, and there are \(runs)")
        }
        func part(_ tensor: Tensor) throws -> Tensor {
            let one = try tensor.window(index..<index + 1)
            return Tensor(
                shape: try Shape(Array(tensor.shape.dims.dropFirst())), storage: one.storage, offset: one.offset)
        }
        return (try part(support), try part(query), answer[index])
    }

    /// `20 runs of 20-way one-shot, 20 queries each`.
    public var summary: String {
        "\(counted(runs, "run", "runs")) of \(ways)-way one-shot, \(counted(queriesPerRun, "query", "queries")) each"
    }
}

/// The one-shot runs of a folder: `support` and `query` (runs x items x height x width) and `answer` (runs x queries)
/// as IDX files, gzipped or not.
public func oneShotRuns(_ folder: String) throws -> OneShotRuns {
    let files = try FileBytes.list(folder)
    func find(_ kind: String) throws -> String {
        guard let file = files.first(where: { $0.hasPrefix(kind + "-idx") || $0.hasPrefix(kind + ".idx") }) else {
            throw DataError(
                code: "one_shot.folder", message: "one-shot runs need a file \(kind)-idx..., and there is none here",
                notes: files.isEmpty ? [] : ["there are: \(files.prefix(8).joined(separator: ", "))"], path: folder,
                candidates: files)
        }
        return "\(folder)/\(file)"
    }
    func images(_ kind: String) throws -> Tensor {
        let path = try find(kind)
        let array = try readIDX(path)
        guard array.dims.count == 4 || array.dims.count == 5, array.count > 0 else {
            throw DataError(
                code: "one_shot.axes", message: "\(kind) needs the axes runs x items x height x width", path: path,
                place: .byte(3))
        }
        let dims = array.dims.count == 4 ? array.dims + [1] : array.dims
        return try array.tensor(dividedBy: array.isBytes ? 255 : 1, dims: dims)
    }
    let support = try images("support")
    let query = try images("query")
    let path = try find("answer")
    let answer = try readIDX(path)
    guard answer.dims.count == 2, support.shape[0] == answer.dims[0], query.shape[0] == answer.dims[0],
        query.shape[1] == answer.dims[1], support.shape.dims.dropFirst(2) == query.shape.dims.dropFirst(2)
    else {
        let shape = answer.dims.map(String.init).joined(separator: "x")
        throw DataError(
            code: "one_shot.agree",
            message: "support \(support.shape), query \(query.shape) and answer \(shape) do not agree", path: path,
            place: .byte(4))
    }
    let flat = try answer.wholeNumbers()
    if let wrong = flat.firstIndex(where: { $0 < 0 || $0 >= support.shape[1] }) {
        throw DataError(
            code: "one_shot.answer", message: "an answer is \(flat[wrong]), and there are \(support.shape[1]) classes",
            path: path, place: .byte(answer.byte(of: wrong)))
    }
    let width = answer.dims[1]
    return OneShotRuns(
        support: support, query: query, answer: (0..<answer.dims[0]).map { Array(flat[$0 * width..<($0 + 1) * width]) },
        name: lastPart(folder))
}
