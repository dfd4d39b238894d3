import SiamTensor
import Testing

@testable import SiamData
@testable import SiamFormats

@Suite struct DataFolderTests {
    private let root = String(fixture("x").dropLast(2))

    @Test func setsAreFoundByName() throws {
        #expect(try DataFolder.locate("mnist", under: root) == fixture("mnist"))
        #expect(try DataFolder.locate("pictures/s2", under: root) == fixture("pictures/s2"))
        #expect(try DataFolder.locate("awkward", under: root) == fixture("awkward.csv"))
        let error = refusal { _ = try DataFolder.locate("mnst", under: root) }
        #expect(error?.message == "there is no set mnst in the folder named by SIAM_DATA")
        #expect(
            error?.candidates == ["awkward", "letters", "mnist", "pictures", "pictures/s2", "pictures/s10", "runs"])
        for name in ["", "../x", "/etc", "a//b", "."] {
            #expect(refusal { _ = try DataFolder.locate(name, under: root) }?.code == "data.name", "\(name)")
        }
    }

    @Test func setsAreOpenedByWhatTheyAre() throws {
        #expect(try DataFolder.open(fixture("mnist")).count == 5)
        #expect(try DataFolder.open(fixture("mnist"), part: "t10k").count == 2)
        #expect(try DataFolder.open(fixture("pictures")).count == 3)
        #expect(refusal { _ = try DataFolder.open(fixture("nowhere")) }?.code == "file.missing")
    }

    @Test func oneShotRunsAgree() throws {
        let runs = try oneShotRuns(fixture("runs"))
        #expect(runs.runs == 2 && runs.ways == 3 && runs.count == 6)
        #expect(runs.answer == [[2, 1, 0], [2, 1, 0]])
        let (support, query, answer) = try runs.run(1)
        #expect(support.shape.dims == [3, 4, 5, 1])
        let images = support.values
        for (place, right) in answer.enumerated() {
            #expect(Array(query.values[place * 20..<place * 20 + 20]) == Array(images[right * 20..<right * 20 + 20]))
        }
        #expect(refusal { _ = try oneShotRuns(fixture("mnist")) }?.code == "one_shot.folder")
    }

    @Test func datasetsAreSavedWithTheirNames() throws {
        let d = try idx(folder: fixture("letters"))
        try withFolder { folder in
            try writeSafetensors(d.namedTensors(), "\(folder)/d.safetensors")
            let back = try Dataset(safetensors("\(folder)/d.safetensors"), name: "d")
            #expect(back.x.values == d.x.values && back.x.shape == d.x.shape && back.y == d.y)
            #expect(back.names == d.names && back.name == "letters" && back.provenance == d.provenance)
            try writeNPZ(d.namedTensors(), "\(folder)/d.npz")
            let again = try Dataset(npz("\(folder)/d.npz"), name: "d.npz")
            #expect(again.x.values == d.x.values && again.y == d.y && again.names == d.names)
            #expect(again.name == "letters" && again.provenance == d.provenance)
            // A part of a whole keeps classes that it has no example of; names may be anything.
            let odd = try Dataset(
                x: d.x, y: [0, 0, 1, 0, 1], names: ["a\nb", "\\n\\", "", "c\r"], name: "odd \"λ\"",
                provenance: "two\nlines")
            try writeNPZ(odd.namedTensors(), "\(folder)/odd.npz")
            try writeSafetensors(odd.namedTensors(), "\(folder)/odd.safetensors")
            for read in [try npz("\(folder)/odd.npz"), try safetensors("\(folder)/odd.safetensors")] {
                let back = try Dataset(read, name: "x")
                #expect(back.names == odd.names && back.y == odd.y)
                #expect(back.name == odd.name && back.provenance == odd.provenance)
            }
        }
        let error = refusal { _ = try Dataset(npz(fixture("stored.npz")), name: "stored.npz") }
        #expect(error?.message == "a dataset needs tensors x and y, and stored.npz has w, b")
        let x = try Tensor.of([1], [1])
        for wrong: Float in [-1, .nan, 1e9] {
            let tensors = NamedTensors([("x", x), ("y", try Tensor.of([1], [wrong]))])
            #expect(refusal { _ = try Dataset(tensors, name: "d") }?.code == "data.class")
        }
        // Fractions are what is to be predicted, and are kept as such.
        let measured = try Dataset(NamedTensors([("x", x), ("y", try Tensor.of([1], [0.5]))]), name: "d")
        #expect(measured.targets?.values == [0.5] && measured.y == [0])
        let again = try Dataset(try measured.namedTensors(), name: "d")
        #expect(again.targets?.values == [0.5])
    }
}
