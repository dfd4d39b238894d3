import Glibc
import SiamTensor
import Testing

@testable import SiamData

/// Files that are written whole: through links, with the mode they had, and with nothing left beside them.
@Suite struct WholeFileTests {
    private func inFolder(_ body: (String) throws -> Void) throws {
        var name = Array("/tmp/siam-whole-XXXXXX".utf8CString)
        let made = mkdtemp(&name)
        let folder = try #require(made.map { String(cString: $0) })
        defer { for n in (try? FileBytes.list(folder)) ?? [] { unlink("\(folder)/\(n)") } }
        try body(folder)
        var left: [String] = []
        if let directory = opendir(folder) {
            while let entry = readdir(directory) {
                let n = withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                if n.hasPrefix("."), n != ".", n != ".." { left.append(n) }
            }
            closedir(directory)
        }
        #expect(left.isEmpty)
    }
    private func mode(_ path: String) -> mode_t {
        var about = stat()
        return lstat(path, &about) == 0 ? about.st_mode : 0
    }

    @Test func anOldFilesModeStays() throws {
        try inFolder { folder in
            let path = "\(folder)/a.txt"
            try WholeFile.write([1], path)
            #expect(mode(path) & 0o777 & ~0o22 == 0o644 & ~0o22)
            chmod(path, 0o640)
            try WholeFile.write([2, 3], path)
            #expect(mode(path) & 0o777 == 0o640)
            #expect(try FileBytes.read(path) == [2, 3])
            #expect(WholeFile.put([4], "\(folder)/own", isPrivate: true) == 0)
            #expect(mode("\(folder)/own") & 0o777 == 0o600)
        }
    }

    @Test func aLinkIsWrittenThrough() throws {
        try inFolder { folder in
            try WholeFile.write([1], "\(folder)/target")
            #expect(symlink("target", "\(folder)/link") == 0)
            #expect(symlink("later", "\(folder)/dangling") == 0)
            #expect(symlink("circle", "\(folder)/circle") == 0)
            try WholeFile.write([2], "\(folder)/link")
            #expect(mode("\(folder)/link") & S_IFMT == S_IFLNK)
            #expect(try FileBytes.read("\(folder)/target") == [2])
            try WholeFile.write([3], "\(folder)/dangling")
            #expect(try FileBytes.read("\(folder)/later") == [3])
            #expect(WholeFile.put([4], "\(folder)/circle") == ELOOP)
        }
    }

    @Test func aNULIsNoPartOfAName() throws {
        try inFolder { folder in
            #expect(refusal { try WholeFile.write([1], "\(folder)/a\0.npz") }?.message.contains("NUL") == true)
            #expect(mode("\(folder)/a") == 0)
            #expect(refusal { _ = try FileBytes.read("\(folder)/a\0.npz") }?.code == "file.name")
            #expect(refusal { _ = try FileBytes.list("\(folder)\0") }?.code == "file.name")
        }
    }

    @Test func whatAKilledProcessLeftIsCleared() throws {
        try inFolder { folder in
            // No process has a number this large.
            let left = "\(folder)/.a.txt.999999999-0123456789abcdef.siam-part"
            let other = "\(folder)/.b.txt.999999999-0123456789abcdef.siam-part"
            for path in [left, other] { close(open(path, O_CREAT | O_WRONLY, 0o600)) }
            try WholeFile.write([1], "\(folder)/a.txt")
            #expect(mode(left) == 0)
            #expect(mode(other) != 0)
            unlink(other)
        }
    }

    @Test func aSharedFileIsThereWholeOrNotAtAll() throws {
        try inFolder { folder in
            let (path, beside) = ("\(folder)/a", "\(folder)/.mine.1.new")
            #expect(WholeFile.put([1, 2], path, beside: beside) == 0)
            #expect(WholeFile.put([3], path, beside: beside) == 0)
            let written = try FileBytes.read(path)
            #expect(written == [3])
            #expect(mode(beside) == 0)
            // Where the name cannot be taken, nothing is left beside it.
            mkdir("\(folder)/b", 0o700)
            #expect(WholeFile.put([1], "\(folder)/b", beside: beside) == EISDIR)
            #expect(WholeFile.put([1], path, beside: "\(folder)/none/c") == ENOENT)
            #expect(mode(beside) == 0)
            rmdir("\(folder)/b")
            unlink(path)
        }
    }

    @Test func aDeviceIsWrittenInto() throws {
        #expect(WholeFile.put([1], "/dev/null") == 0)
        #expect(mode("/dev/null") & S_IFMT == S_IFCHR)
        #expect(WholeFile.put([1], "/dev/full") == ENOSPC)
        #expect(WholeFile.put([1], "/tmp") == EISDIR)
    }
}
