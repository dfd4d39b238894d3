/// Figures, files, pictures, and the prompt's own words.
extension Why {
    static let figures: [Why] =
        family(
            """
            plot draws curves, hist a distribution, scatter points, heat a matrix, bars values by name, image pictures.
            Each expects numbers in a certain form; ?plot, ?hist and so on describe it.
            """,
            [
                Case(
                    "figure.letters",
                    told:
                        "letters in a PNG or PDF that no installed font has: install the named package, or save an .svg"
                ),
                Case("plot.none", "plot()", "plot([1, 2])"),
                Case("plot.columns", "plot(ones(3, 40))", "plot(ones(3, 4))"),
                Case("plot.shape", "plot(ones(2, 2, 2))", "plot(ones(2, 2))"),
                Case("plot.figure", told: "plot draws numbers; overlay combines figures"),
                Case("plot.lengths", "plot([1, 2, 3], x = [1, 2])", "plot([1, 2, 3], x = [1, 2, 3])"),
                Case("plot.range", "plot(x -> x^2, x = [1, inf])", "plot(x -> x^2, x = [0, 1])"),
                Case("plot.log", told: "log is x, y or xy:  plot(run.loss, log = \"y\")"),
                Case("hist.bins", "hist([1, 2], bins = 1e6)", "hist([1, 2], bins = 10)"),
                Case("hist.none", "hist()", "hist([1, 2])"),
                Case("heat.shape", "heat(ones(2, 2, 2))", "heat(ones(2, 2))"),
                Case("bars.many", "bars(rand(100_001))", "hist(rand(100_001))"),
                Case("bars.names", "bars([1, 2], names = [\"a\"])", "bars([1, 2], names = [\"a\", \"b\"])"),
                Case("scatter.rows", "scatter([[1, 2], [3]])", "scatter([[1, 2], [3, 4]])"),
                Case("scatter.kind", "scatter(\"a\")", "scatter([[1, 2], [3, 4]])"),
                Case("scatter.shape", "scatter([1, 2, 3])", "scatter([[1, 2], [3, 4]])"),
                Case("scatter.classes", "scatter([[1, 2], [3, 4]], [0])", "scatter([[1, 2], [3, 4]], [0, 1])"),
                Case("overlay.none", told: "overlay needs at least one figure"),
                Case("overlay.kind", "overlay(heat(ones(2, 2)), plot([1, 2]))", "overlay(plot([1, 2]), plot([2, 1]))"),
                Case("figure.kind", "overlay(3)", "overlay(plot([1, 2]))"),
                Case("figure.none", "overlay()", "overlay(plot([1, 2]), plot([2, 1]))"),
                Case("figure.number", "plot([\"a\", \"b\"])", "plot([1, 2])"),
                Case("figure.names", "plot([1, 2], names = [\"a\", \"b\"])", "plot([1, 2], names = [\"a\"])"),
                Case("figure.title", "f = plot([1, 2])\nf.title = 3", "f = plot([1, 2])\nf.title = \"three\""),
                Case("image.kind", "image({a: 1})", "image(ones(4, 4))"),
                Case("plot.ends", "plot([1, 2], x_range = [1, 0])", "plot([1, 2], x_range = [0, 1])"),
                Case("plot.color", "plot([1, 2], colors = \"rde\")", "plot([1, 2], colors = \"red\")"),
                Case("plot.size", "plot([1, 2], size = 3)", "plot([1, 2], size = [800, 500])"),
                Case("image.none", told: "there is at least one image to draw"),
                Case("image.shape", "image(ones(3))", "image(ones(4, 4))"),
            ])

    static let files: [Why] =
        family(
            """
            Paths are relative to the folder that siam was started in; those of import to the folder of the importing file.
            Tab inside quotes completes them. data("mnist") is a subfolder of the folder that SIAM_DATA names.
            """,
            [
                Case("file.missing", "csv(\"no-such-file.csv\")", "3"), Case("file.folder", "import \".\"", "3"),
                Case("file.large", told: "a program or a text is at most 64 MB, and data no larger than the memory"),
                Case("file.empty", told: "this is a pipe or a device with nothing to read"),
                Case("file.name", "import \"a\\u{0}.siam\"", "3"),
                Case("file.read", "import \"no-such-file.siam\"", "3"),
                Case("file.write", "save(ones(2), \"/no-such-folder/x.npy\")", "3"),
                Case("file.kind", told: "a file is expected, and this is a folder or a device"),
                Case("file.denied", told: "you have no permission to open this file: ask its owner, or copy it"),
                Case("data.root", told: "set SIAM_DATA to the folder that holds your data sets before you start siam"),
                Case("data.name", told: "data expects a name such as mnist or omniglot/background"),
                Case("data.missing", told: "data(\"mnist\") is the subfolder mnist of the folder that SIAM_DATA names"),
            ])
        + family(
            """
            The ending of the name decides the format: .npy for one tensor, .npz and .safetensors for several or for the
            parameters of a net, .svg and .png for figures, .siamrun for a run. Weights loaded into a net must have its shapes.
            """,
            [
                Case("save.kind", "save(adam(0.1), \"x.npy\")", "3"),
                Case("save.ending", "save(ones(2), \"x.doc\")", "3"),
                Case("save.form", "save(plot([1, 2]), \"x.gif\")", "3"),
                Case("load.ending", "load(\"x.doc\")", "3"),
                Case("load.path", told: "the file was saved from a net with other layers"),
                Case("load.shape", told: "the file was saved from a net with other widths"),
                Case("report.none", "report(\"x.html\")", "3"),
            ])
        + family(
            """
            A table starts with a line of column titles; every row has the same number of cells; one column, named by label,
            contains the classes and the others contain numbers.
            """,
            [
                Case("csv.width", told: "a table has a column of classes and at least one of numbers"),
                Case("csv.empty", told: "a table has rows under its titles"),
                Case("csv.number", told: "each cell in a column of numbers must be a number"),
                Case("csv.label", told: "label names one of the titles"),
                Case("csv.columns", told: "every line has as many cells as the first"),
                Case("csv.quote", told: "a quote must close in the cell in which it opens"),
                Case("csv.text", told: "a table is a text in UTF-8"),
            ])
        + family(
            """
            IDX is the format of MNIST's files: images with their axes, labels with one. NPY and NPZ are NumPy's formats,
            safetensors is a JSON header followed by numbers. A file that is cut off or contradicts its header is an error.
            """,
            [
                Case("array.bytes", told: "the file ends before its numbers do: it was cut off"),
                Case("array.shape", told: "the shape in the file's header does not fit its content"),
                Case("npy.header", told: "the file does not begin like a NumPy file"),
                Case("npy.type", told: "the array must hold numbers or bools, or a list of texts, not records"),
                Case("npy.text", told: "the array's texts are characters of Unicode"),
                Case("npz.twice", told: "an NPZ file holds each name once"),
                Case(
                    "npz.text",
                    told: "texts in an NPZ file all take the room of the longest; safetensors has no such bound"),
                Case("json.form", told: "the header of a safetensors file is JSON"),
                Case("safetensors.name", told: "__metadata__ is the header's own name"),
                Case("data.tensors", told: "a data set in a file is the tensors x and y"),
                Case("idx.whole", told: "labels are whole numbers"),
                Case("idx.images", told: "a file of images has at least 2 axes"),
                Case("idx.labels", told: "a file of labels has one axis"),
                Case("idx.counts", told: "there is a label for each image"),
                Case(
                    "csv.header",
                    told:
                        "header = true takes the first row for names; a table without names is read with header = false"
                ),
                Case("file.web", told: "download the file first, and read the local copy"),
                Case("idx.label", told: "class numbers begin at 0"),
                Case("idx.names", told: "names.txt has a line for each class"),
                Case(
                    "idx.folder",
                    told: "the folder holds files such as train-images-idx3-ubyte.gz and train-labels-idx1-ubyte.gz"),
                Case("zip.large", told: "an NPZ file holds at most 4 GB"),
                Case("zip.memory", told: "its uncompressed content is larger than the memory limit"),
            ])

    static let pictures: [Why] =
        family(
            """
            image_folder reads one folder per class, with PNG, JPEG, PGM or PPM images of one size, or resized to size.
            """,
            [
                Case("images.size", "image_folder(\".\", size = [0, 0])", "3"),
                Case("images.none", told: "the folder must contain one folder of images for each class"),
                Case("images.sizes", told: "size = [28, 28] resizes images to one size"),
                Case("pgm.magic", told: "a PGM or PPM picture begins with P2, P3, P5 or P6"),
                Case("pgm.size", told: "width, height and largest value are above 0"),
                Case("pgm.short", told: "the picture is cut off"),
                Case("pgm.number", told: "the header of a PGM picture is whole numbers"),
                Case("picture.pixels", told: "a picture has a number for each pixel and channel"),
                Case("picture.png", told: "a picture that is written as PNG has at most 2^31 bytes"),
                Case("picture.form", told: "the file is not a PNG, JPEG, PGM or PPM image, whatever its name"),
                Case("picture.size", told: "the header claims more pixels than the file can hold"),
                Case("picture.jpeg", told: "the JPEG picture is damaged"),
            ])

    static let prompt: [Why] =
        family(
            """
            The commands of the prompt start with a colon, so that no name can hide them; they may be shortened to any unique
            beginning. :help lists them, ?name explains a name of the language.
            """,
            [
                Case("command.unknown", told: ":help lists the commands"),
                Case("command.ambiguous", told: "type one more letter"),
                Case("command.argument", told: ":help followed by the command says what it expects"),
                Case("setting.unknown", told: ":set lists the settings"),
                Case("save.exists", told: ":save does not overwrite files; :save! FILE does"),
                Case("setting.value", told: ":set lists the settings and their values"),
                Case("learn.unknown", told: ":learn lists the lessons"),
                Case("help.none", told: "?word searches all help for a word"),
                Case("reload.none", told: ":load a file first; :reload then runs it again after an edit"),
                Case(
                    "kernel.library", told: "apt install libzmq5 installs the library; it is needed only for notebooks"
                ),
                Case(
                    "kernel.address", told: "another kernel may listen there: Jupyter chooses a free address by itself"),
                Case(
                    "kernel.connection",
                    told:
                        "Jupyter writes the file and starts  siam kernel -f FILE;  siam kernel --install  tells it how"),
                Case("assistant.sessions", told: "run  with  fresh = true  starts a session again"),
                Case("assistant.program", told: "a tool takes a program as  code  or as the path of a  file"),
                Case("edit.terminal", told: ":edit works at the prompt in a terminal; a notebook is an editor itself"),
                Case("edit.source", told: ":edit opens definitions that were typed or loaded"),
                Case("shell.none", told: "!ls lists the files of this folder"),
                Case("folder.none", told: ":ls lists the folders here; :cd .. goes up"),
                Case("editor.none", told: "set EDITOR to the editor you use"),
                Case("editor.failed", told: "the editor ended with an error; the text was not changed"),
            ])
}
