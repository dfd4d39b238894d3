/// Words of other languages and libraries that people try first, with what siam says instead.
public enum Foreign {
    public struct Word: Sendable {
        /// The name that can replace it directly; nil if more has to change.
        public var name: String?
        /// The repair's line.
        public var says: String
        /// Whether the name alone may be put in the word's place: what is called takes the very same arguments.
        public var fits = true
    }

    /// What to write for a name that nothing in siam has.
    /// - Parameter given: what it is called with, as written; nil where it is not called.
    public static func word(_ name: String, given: [String]? = nil) -> Word? {
        // Of one thing it is a penalty, of two a distance.
        if ["l1", "l2", "L1", "L2", "l2_loss", "l2_penalty", "l2_regularization"].contains(name), given?.count == 1 {
            return Word(name: nil, says: "weight decay is set in the optimizer:  adamw(0.001, decay = 0.01)")
        }
        // `X, y = load_digits(return_X_y = True)`
        if name == "load_digits", given?.contains(where: { $0.contains("return_X_y") }) == true {
            return Word(
                name: nil, says: "inputs and classes are parts of one data set:  d = digits(); X, y = [d.x, d.y]")
        }
        // `model = Sequential()`, to which stages are added line by line.
        if name == "Sequential", given?.isEmpty == true {
            return Word(name: nil, says: "a net begins with its first stage, and grows by  net = net >> dense(8)")
        }
        if let row = ForeignTable.byWord[name] {
            guard let other = row.name else { return Word(name: nil, says: row.call) }
            var call = row.call
            // Where both take the same arguments, the call is the user's own.
            if row.takesTheSame, let given, !given.isEmpty {
                let own = "\(other)(\(given.joined(separator: ", ")))"
                if own.utf8.count <= 70, !own.contains("\n") { call = own }
            }
            return Word(
                name: other, says: call == other ? "siam calls it \(other)" : "siam calls it \(other):  \(call)",
                fits: row.takesTheSame || given == nil)
        }
        if name.count > 1, name.first == "e", name.dropFirst().allSatisfy(\.isNumber) {
            return Word(name: nil, says: "an exponent follows its number directly:  1e-\(name.dropFirst())")
        }
        return told[name].map { Word(name: nil, says: $0) }
    }

    /// `data.csv` without quotes, where a text was meant: the repair; nil if no file extension follows the name.
    public static func path(at span: Span, _ source: Source) -> String? {
        let bytes = source.bytes
        var end = span.end
        guard end < bytes.count, bytes[end] == UInt8(ascii: ".") else { return nil }
        end += 1
        while end < bytes.count, (97...122).contains(bytes[end]) || (48...57).contains(bytes[end]) { end += 1 }
        guard endings.contains(source.text(Span(span.end + 1, end))) else { return nil }
        // `load work.siam`: a session, which the prompt's own commands read and write.
        let place = source.position(span.start)
        let line = source.line(place.line).prefix(place.column - 1).filter { $0 != " " }
        if case .prompt = source.kind, source.text(Span(span.end + 1, end)) == "siam",
            ["load", "save", "run"].contains(line)
        {
            return "at the prompt it is  :\(line == "run" ? "load" : line) \(source.text(Span(span.start, end)))"
        }
        return "a path is a text:  \"\(source.text(Span(span.start, end)))\""
    }

    private static let endings: Set<String> = [
        "csv", "tsv", "txt", "npz", "npy", "png", "jpg", "jpeg", "pgm", "svg", "pdf", "siam", "siamrun", "safetensors",
        "onnx", "h5", "pt", "pth", "pkl", "gz", "zip", "json", "parquet",
    ]

    /// The equivalent of a statement of another language that begins with this word; `line` is the whole statement.
    static func opened(_ word: String, _ line: String) -> String? {
        if word == "with" {
            if ["no_grad", "inference_mode", "set_grad_enabled"].contains(where: line.contains) {
                return
                    "leave this line out: gradients are recorded only in train and for grad(l, net)"
            }
            if line.contains("GradientTape") { return "gradients are  g = grad(l, net)" }
        }
        if word == "class" {
            let name = line.dropFirst(word.utf8.count).trimmed.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
            if !name.isEmpty, name.utf8.count <= 40 { return "a layer is  layer \(name) { ... }" }
        }
        return Foreign.word(word)?.says
    }

    /// What is said of a call that has no place here, whatever it is given; nil for any other word.
    static func leftOut(_ word: String) -> String? {
        guard let meant = Foreign.word(word), meant.name == nil,
            meant.says.hasSuffix("leave this line out") || meant.says.hasPrefix("siam has no graph")
                || meant.says.hasPrefix("training is ")
        else { return nil }
        return meant.says
    }

    /// Whether the very word is one of the table.
    public static func isKnown(_ word: String) -> Bool { ForeignTable.byWord[word] != nil }

    /// All words of the table.
    public static var words: [String] { ForeignTable.rows.flatMap(\.words) }

    /// A word from elsewhere as it is looked up: where it is known, siam's name for it, and the line to write.
    public struct Entry: Sendable {
        public let word: String
        public let origin: String
        public let name: String?
        public let says: String
    }

    /// Words from elsewhere that are a text, capitals, blanks and underscores apart; those that only hold it where none is.
    public static func entries(_ text: String) -> [Entry] {
        func plain(_ t: String) -> String { t.lowercased().filter { $0.isLetter || $0.isNumber } }
        let wanted = plain(text)
        guard wanted.count > 1 else { return [] }
        var exact: [Entry] = []
        var near: [Entry] = []
        for row in ForeignTable.rows {
            let found = row.words.first { plain($0) == wanted } ?? row.words.first { plain($0).contains(wanted) }
            guard let found else { continue }
            let entry = Entry(word: found, origin: row.origin, name: row.name, says: word(found)?.says ?? row.call)
            if plain(found) == wanted { exact.append(entry) } else { near.append(entry) }
        }
        return exact.isEmpty ? near : exact
    }

    /// Words that open a statement elsewhere.
    static let openers: Set<String> = [
        "def", "func", "function", "class", "struct", "enum", "interface", "elif", "elseif", "switch", "match", "case",
        "try", "except", "catch", "finally", "do", "repeat", "loop", "until", "unless", "foreach", "with", "global",
        "nonlocal", "del", "raise", "throw", "begin", "end", "let", "var", "const", "auto", "new", "yield", "await",
        "async", "using", "module", "from",
    ]

    private static let told: [String: String] = [
        "let": "a name needs no keyword before it:  x = 3",
        "var": "the variance is var(x); a name needs no word:  x = 3",
        "const": "a name needs no keyword before it:  x = 3",
        "auto": "a name needs no keyword before it:  x = 3",
        "def": "a function is  fn f(x) = x^2  or  fn f(x) { ... }",
        "func": "a function is  fn f(x) = x^2  or  fn f(x) { ... }",
        "function": "a function is  fn f(x) = x^2  or  fn f(x) { ... }",
        "lambda": "a function as a value is  x -> x^2",
        "class": "a layer is  layer gated(units) { ... }",
        "elif": "another condition is  else if c { ... }",
        "elseif": "another condition is  else if c { ... }",
        "switch": "one of several is  if a { ... } else if b { ... } else { ... }",
        "match": "one of several is  if a { ... } else if b { ... } else { ... }",
        "append": "push returns a new list:  x = x.push(...)",
        "extend": "join lists with +:  x = x + y",
        "struct": "a record is  {lr: 0.1, name: \"a\"}",
        "enum": "a record is  {lr: 0.1, name: \"a\"}",
        "interface": "a layer is  layer gated(units) { ... }",
        "foreach": "a loop is  for x in xs { ... }",
        "case": "one of several is  if a { ... } else if b { ... } else { ... }",
        "catch": "to expect an error:  expect_error \"part of the message\" { ... }",
        "finally": "to expect an error:  expect_error \"part of the message\" { ... }",
        "until": "a loop is  while not c { ... }",
        "unless": "a condition is  if not c { ... }",
        "then": "a condition is  if c { ... }",
        "begin": "a block is  { ... }",
        "end": "the last element is  x[-1];  a block is  { ... }",
        "with": "give a value a name with =, without a block:  x = 3",
        "global": "a function can read the names around it, and returns its results",
        "nonlocal": "a function can read the names around it, and returns its results",
        "self": "a layer uses its own names directly:  w, body(x)",
        "this": "a layer uses its own names directly:  w, body(x)",
        "new": "call the constructor:  net = tower(64)",
        "yield": "a list is  [f(x) for x in xs]",
        "await": "calls are not awaited:  f(x)",
        "async": "a function is  fn f(x) { ... }",
        "error": "a condition that must hold is  expect c",
        "panic": "a condition that must hold is  expect c",
        "dir": "at the prompt  x.  and Tab list the fields of x,  and  :vars  lists your names",
        "help": "help is  ?name  at the prompt, and  siam doc name  in a shell",
        "exit": "a file ends with its last line; at the prompt Ctrl-D leaves",
        "quit": "a file ends with its last line; at the prompt Ctrl-D leaves",
        "random": "random numbers are  rand(3, 4)  and  randn(3, 4)",
        "bool": "a comparison gives a bool:  x != 0",
        "tuple": "a list is  [1, \"a\"]",
        "set": "a list is  [1, \"a\"]",
        "isinstance": "the kind of a value is  type(x)",
        "input": "a program's arguments are  args",
        "get": "a field is  r[\"a\"];  to test for it:  \"a\" in r",
        "has": "to test for a field:  \"a\" in r",
        "hasOwnProperty": "to test for a field:  \"a\" in r",
        "items": "iterate over names and values with  for k, v in r { ... }",
        "entries": "iterate over names and values with  for k, v in r { ... }",
        "open": "read files with  csv(path), npy(path), load(path)  and the like",
        "try": "to expect an error:  expect_error \"part of the message\" { ... }",
        "except": "to expect an error:  expect_error \"part of the message\" { ... }",
        "write": "write a text to a file with  save(text, \"a.txt\")",
        "raise": "a condition that must hold is  expect c",
        "throw": "a condition that must hold is  expect c",
        "pass": "an empty block is  { }",
        "del": "to free a value, assign another one:  x = none",
        "do": "a loop is  while c { ... }  or  for x in xs { ... }",
        "repeat": "a loop is  for i in 0..3 { ... }",
        "loop": "a loop is  for i in 0..3 { ... }  or  while c { ... }",
        "T": "the transposed matrix is  x.transpose()",
        "t": "the transposed matrix is  x.transpose()",
        "grad": "gradients are  g = grad(y, x)",
        "int": "round, floor and ceil make whole numbers, number reads a text",
        "dict": "a record is  {lr: 0.1, name: \"a\"}",
        "train": "training is  train net on batches(d, 32) as x, y for 5 epochs using adam(0.001) { minimize ... }",
        "stop": "end a run with break, or with a condition:  stop when l < 0.1",
        "validate":
            "held-out data is measured in the body:  every epoch { report held = pair_accuracy(net, unseen) }",
        "minimise": "siam writes it minimize",
        "maximize": "to maximize, minimize the negative:  minimize -mean(s)",
        "maximise": "to maximize, minimize the negative:  minimize -mean(s)",
        "go": "go continues a paused run, and no run is paused here",
        "head": "the first five are  d[0..5]",
        "tail": "the last five are  d[-5..]",
        "ans": "the last value is  _",
        "clear": "at the prompt Ctrl-L clears the screen, and  :reset  forgets all names",
        "criterion": "losses are functions, like cross_entropy and contrastive, and are called by their names",
        "loss_fn": "losses are functions, like cross_entropy and contrastive, and are called by their names",
        "hold": "to draw several curves in one figure:  plot(a, b)",
        "clc": "at the prompt Ctrl-L clears the screen, and  :reset  forgets all names",
        "cls": "at the prompt Ctrl-L clears the screen, and  :reset  forgets all names",
        "who": "at the prompt  :vars  lists your names",
        "whos": "at the prompt  :vars  lists your names",
        "vars": "at the prompt  :vars  lists your names",
        "locals": "at the prompt  :vars  lists your names",
        "globals": "at the prompt  :vars  lists your names",
        "ls": "at the prompt it is  :ls",
        "cd": "at the prompt it is  :cd FOLDER",
        "pwd": "at the prompt  :cd  shows the current folder",
        "weight": "a layer's weights are  net.dense1.w",
        "weights": "a layer's weights are  net.dense1.w",
        "bias": "a layer's biases are  net.dense1.b",
        "kernel": "a layer's weights are  net.dense1.w",
    ]
}

/// What was probably meant by a name that nothing has: a word of another language, or one nearby.
public func meant(
    by name: String, in candidates: some Sequence<String>, given: [String]? = nil
) -> Foreign.Word? {
    if let foreign = Foreign.word(name, given: given) { return foreign }
    return closest(to: name, in: candidates).map { Foreign.Word(name: $0, says: "Did you mean \($0)?") }
}
