import SiamTensor
import Testing

@testable import SiamData
@testable import SiamFormats

/// The sets of the folder named by SIAM_DATA.
@Suite(.enabled(if: dataFolder != nil, "SIAM_DATA names no folder of data sets"))
struct RealDataTests {
    @Test func mnist() throws {
        let d = try idx(folder: DataFolder.locate("mnist"), part: "t10k")
        #expect(d.x.shape.dims == [10000, 28, 28, 1])
        #expect(d.classCounts == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009])
    }

    @Test func omniglot() throws {
        let d = try idx(folder: DataFolder.locate("omniglot/background"))
        #expect(d.x.shape.dims == [2720, 28, 28, 1])
        #expect(d.names.count == 136 && d.names[0] == "Balinese/character01")
        #expect(d.classCounts.allSatisfy { $0 == 20 })
        let runs = try oneShotRuns(DataFolder.locate("omniglot/one-shot"))
        #expect(runs.count == 400 && runs.summary == "20 runs of 20-way one-shot, 20 queries each")
        #expect(runs.support.shape.dims == [20, 20, 28, 28, 1])
        #expect(Set(runs.answer[7]) == Set(0..<20))
        #expect(try runs.run(19).query.shape.dims == [20, 28, 28, 1])
        #expect(refusal { _ = try runs.run(20) }?.code == "one_shot.run")
        let pictures = try imageFolder(DataFolder.locate("omniglot/png"), size: (28, 28), invert: true)
        #expect(pictures.count == 200 && pictures.names.count == 10)
    }

    @Test func facesAndTables() throws {
        let faces = try DataFolder.open(DataFolder.locate("faces"))
        #expect(faces.count == 400 && faces.x.shape.dims == [400, 28, 23, 1])
        #expect(faces.names[1] == "s2" && faces.names[9] == "s10")
        let iris = try DataFolder.open(DataFolder.locate("iris"))
        #expect(iris.summary == "iris: 150 of 4 in 3 classes")
        #expect(iris.names == ["setosa", "versicolor", "virginica"])
        #expect(try csv(DataFolder.locate("wine")).classCounts == [59, 71, 48])
        let table = try DataFolder.open(DataFolder.locate("digits"))
        #expect(table.x.values == (try digits().x.values.map { $0 * 16 }))
        #expect(table.y == (try digits().y))
        let error = refusal { _ = try DataFolder.locate("omniglt") }
        #expect(error?.candidates.contains("omniglot") == true && error?.candidates.contains("iris") == true)
        #expect(refusal { _ = try DataFolder.locate("../data") }?.code == "data.name")
    }
}
