import CLessons
import SiamInterpreter
import SiamLanguage
import SiamRuntime

/// Where lessons come from: a folder of pages, or those in the binary.
public struct LessonSource {
    /// The lessons in order of their numbers.
    public let lessons: [Lesson]
    /// The folder they were read from; nil for those in the binary.
    public let folder: String?

    /// - Parameters:
    ///   - named: a folder that was asked for.
    ///   - beside: a folder that is used where it holds lessons.
    public init(named: String? = nil, beside: String? = "tutorials") {
        for folder in [named, beside].compactMap({ $0 }) {
            let found = LessonSource.read(folder)
            if !found.isEmpty {
                lessons = found
                self.folder = folder
                return
            }
        }
        folder = nil
        lessons = LessonSource.shipped
    }

    /// The lessons that are in the binary.
    public static let shipped: [Lesson] = (0..<siam_lesson_count()).map { k in
        let bytes = UnsafeBufferPointer(start: siam_lesson_text(k), count: Int(siam_lesson_size(k)))
        return LessonReader.read(
            String(decoding: bytes, as: UTF8.self), name: String(cString: siam_lesson_name(k)))
    }

    private static func read(_ folder: String) -> [Lesson] {
        Files.names(in: folder).filter(isLesson).compactMap { name in
            let path = folder + (folder.hasSuffix("/") ? "" : "/") + name
            return (try? Files.text(path)).map { LessonReader.read($0, name: path) }
        }.sorted { ($0.number ?? 0, $0.file) < ($1.number ?? 0, $1.file) }
    }

    /// `03-sharing.md`: digits, a dash, a name.
    static func isLesson(_ name: String) -> Bool {
        let digits = name.prefix { $0.isASCII && $0.isNumber }
        return !digits.isEmpty && name.dropFirst(digits.count).first == "-" && name.hasSuffix(".md")
    }

    /// The lesson that a word means: its number, its name, or the path of a page.
    public func find(_ word: String) throws -> Lesson {
        if let number = Int(word) {
            if let lesson = lessons.first(where: { $0.number == number }) { return lesson }
        } else if let lesson = lessons.first(where: { $0.key == word }) {
            return lesson
        } else if word.hasSuffix(".md") {
            return LessonReader.read(try Files.text(word), name: word)
        }
        let names = lessons.map(\.key)
        // `4.2` is a part of the fourth.
        let whole = word.split(separator: ".").first.flatMap { first in lessons.first { $0.number == Int(first) } }
        throw Diagnostic(
            code: "learn.unknown", "there is no lesson \(word)",
            notes: ["there are \(lessons.map { $0.number.map { "\($0)" } ?? $0.key }.joined(separator: ", "))"],
            repair: closest(to: word, in: names).map { "Did you mean \($0)?" }
                ?? whole?.number.map { "\(word) is a part of lesson \($0):  siam learn \($0)" })
    }

    /// The lesson behind another.
    public func after(_ lesson: Lesson) -> Lesson? {
        guard let at = lessons.firstIndex(where: { $0.key == lesson.key }), at + 1 < lessons.count else { return nil }
        return lessons[at + 1]
    }
}
