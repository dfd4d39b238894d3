import Testing

@testable import SiamLanguage

@Suite struct ParserTests {
    @Test func programsOfTheDesignParse() throws {
        let files = repositoryFiles("Tests/Fixtures/language/programs", ending: ".siam")
        #expect(files.count >= 10)
        for file in files {
            let text = try #require(readFile(file))
            #expect(messages(text) == [], "\(file)")
        }
    }
}
