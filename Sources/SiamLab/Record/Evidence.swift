import SiamRuntime

/// How well an embedding tells the classes of held-out items apart.
struct Score {
    var mapAtR = 0.0
    var auc = 0.5
    /// Pair accuracy, with the threshold chosen on other pairs.
    var accuracy = 0.5
}

/// What one replay showed. Distances are Euclidean, over held-out items unless said.
///
/// A class, since it is large: a few copies of it on a stack are more than a small thread has.
final class Evidence {
    var loss: [Float] = []
    var stopped: StopReason?
    var steps = 0
    var score = Score()
    var untrained = Score()
    var raw = Score()
    /// Held-out items, in how many classes, and the width of their embeddings.
    var items = 0
    var classes = 0
    var width = 0
    /// Mean distance of negative pairs: of the untrained copy, and after the run.
    var firstDistance = 0.0
    var negativeDistance = 0.0
    var positiveDistance = 0.0
    /// Root mean square distance from the mean, at the start, after the run, and at steps between.
    var firstSpread = 0.0
    var spread = 0.0
    var spreads: [(step: Int, spread: Double)] = []
    var rank = 0.0
    var firstRank = 0.0
    /// On the run's own data: pair accuracy and AUC.
    var own = Score()
    var untrainedOwn = Score()
    /// |change| / |weight| of the weight that moved most, a value a sampled step.
    var updates: [(step: Int, ratio: Double, path: String)] = []
    var parameters = 0
    /// Parameters that no update changed, and those of them that got no gradient.
    var untouched: [String] = []
    /// Matrices of weights among the parameters, and those of them that no update changed.
    var weights = 0
    /// How many of them are frozen.
    var frozen = 0
    /// Of the first step: the gradient of the first weights over that of the last, each against its weights' length.
    var gradientRatio: Double?
    /// Whether no step changed any parameter.
    var movesNoWeight: Bool { parameters > 0 && untouched.count >= parameters }
    var idleWeights: [String] { untouched.filter { $0.hasSuffix("w") || $0 == "w" } }
    var withoutGradient: [String] = []
    /// Names of the program under which a net with weights stands.
    var netsWithWeights: Set<String> = []
    /// Mean |cosine| between the units of a weight matrix before training, the largest of all, and where; deviations of
    /// weights against Glorot's.
    var unitCosine = 0.0
    var alikeStage = ""
    var weightScale = 1.0
    var smallestWeightScale = 1.0
    /// Share of a stage's units that are 0 on the whole sample, of the worst hidden stage, and its name.
    var deadUnits = 0.0
    var deadStage = ""
    /// Share of tanh or sigmoid outputs beyond 0.99 of their range, of the worst stage, before training.
    var saturated = 0.0
    /// |decay gradient| / |data gradient| at the sampled steps.
    var decayShares: [Double] = []
    /// Their median over the second half of the run.
    var decayShare: Double {
        let late = decayShares.suffix((decayShares.count + 1) / 2).sorted()
        return late.isEmpty ? 0 : late[late.count / 2]
    }
    /// Of pairs whose two sides reach the first weights as different kinds of input (a photo and a sketch): how far apart
    /// the kinds are in standard deviations, and the pair accuracy in training and in evaluation mode.
    var kinds: (apart: Double, training: Double, evaluation: Double)?
    /// Held-out scores in training mode.
    var trainingScore = Score()
    /// AUC by Euclidean distance of a run whose loss compares directions.
    var otherAuc: Double?
    /// MAP@R by that other comparison.
    var otherMapAtR: Double?
    /// Whether no class of the held-out items was trained on.
    var areClassesNew = false
    /// The share of the held-out items whose class was trained on.
    var ofTrainedClasses = 0.0
    /// Words of the program that call what it measures new classes, persons or strangers.
    var claimOfNewClasses: String?
    /// Share of terms above 0 in the loss, as it reports it, over the first 20 steps and over the last tenth.
    var firstActive: Double?
    var lastActive: Double?
    /// Of the batches: share of positive pairs, of them those with two identical rows, rows of a batch.
    var sameShare: Double?
    var selfShare = 0.0
    /// Whether raw inputs of pairs marked 1 are farther apart than those of the others.
    var sameAreFarther = false
    /// Whether every same pair of the first step had one embedding twice, and not all embeddings were one.
    var sameAreOne = false
    var batch = 0
    /// Whether the class numbers beside the rows were all different in each batch of four or more that was looked at.
    var areLabelsDistinct = false
    var inputScale = 1.0
    var inputOffset = 0.0
    /// |z_train - z_eval| / |z_eval|.
    var modeGap = 0.0
    /// mean |f(x) - g(x)| / mean negative distance, of two towers; nil of one.
    var towerGap: Double?
    /// Share of the held-out items that are in the training data too.
    var leak = 0.0
    /// Held-out rows that are all but training rows; nil where that was not looked for.
    var nearCopies: NearCopies?
    /// Held-out rows that are training rows moved by a few places; nil where there are none, or few.
    var overlappingWindows: OverlappingWindows?
    /// How far the mean of the held-out rows is from that of the training rows, in standard deviations of these.
    var shift = 0.0
    /// Share of the held-out items that an earlier training of the same net had, and this one has not.
    var trainedBefore = 0.0
    /// Of rows of tensors that the net is measured on: the share that stands in tensors that it was trained on.
    var pairLeak = 0.0
    /// A data set that the program holds out by its name or measures on, all of whose items were trained on.
    var insideTraining: String?
    /// A comparison of scores with one half, where these are no probabilities, in words.
    var logitsAtHalf: String?
    /// Of the figure that does not see what the net has learnt: a comparison in it that has one outcome.
    var oneSided: MisleadingComparison?
    /// Of a figure that says much less than what the run was judged to be: the comparison with a number in it.
    var otherThresholds: MisleadingComparison?
    /// Whether hardly a pair of the training was positive, and the program's comparison comes out the other way nearly always.
    var isTaughtOneSide: Bool { (sameShare ?? 1) < 0.1 && oneSided != nil }
    /// Whether not one was positive of at least 100 pairs that were looked at in the first 40 steps.
    var hasNoPositives = false
    /// Whether all of at least 100 pairs were.
    var hasNoNegatives = false
    /// Whether at least 100 pairs were looked at for the share of positive ones.
    var looksAtManyPairs = false
    /// By how much of their size the outputs of the same rows differ from one evaluation to the next.
    var restlessness = 0.0
    /// Two sides of a printed share that hold the classes by different numbers.
    var otherCodes: MisleadingComparison?
    /// A printed share of right answers that a constant answer reaches, in words.
    var constantFigure: String?
    /// Groups of training rows that have members among the measured rows as well.
    var rowGroups: (groups: RowGroups, shareMeasured: Double)?
    /// What replays score with rows held out at random and with whole groups held out, one value a seed; nil where it was not
    /// tried.
    var byGroups: (random: [Double], whole: [Double])?
    /// What the program prints of rows that it was trained on alone, though it has others.
    var measuredOnTraining: String?
    /// Whether anything that it prints is measured on rows that were not trained on.
    var measuresNewRows = false
    /// Whether it prints a loss on the held-out rows.
    var printsLossOfHeldOut = false
    /// Share of training items whose class is not that of most of their five nearest neighbours, by the raw inputs.
    var strangeLabels = 0.0
    /// Share of the five nearest neighbours that have an item's own class, and that share by chance.
    var agreement = 1.0
    var agreementByChance = 0.0
    /// The optimizer's own decay.
    var decay = 0.0
    /// Of the optimizer; 0 where it has none.
    var momentum = 0.0
    /// Of the loss; nil where it has none, or where it is not known.
    var margin: Double?
    /// Of a hand-written loop: how many statements of the program stand behind it.
    var statementsBehind = 0
    var stepSeconds = 0.0
    /// How many nets were updated in turn where one was to be trained.
    var netsInTurn = 1
    /// How many times an update of a hand-written loop had another optimizer than the one before.
    var optimizersMade = 1
    /// What the program itself prints as measures of its net.
    var figures: [OwnFigure] = []
    /// The program's figures worked out from changed statements after the training, one list for each change.
    var otherFigures: [[OwnFigure]] = []
    /// The program's own figure that a run is judged by, where nothing else can judge it.
    var ownMeasure: String?
    /// Whether that is what is left of a printed loss, which has no end that could be reached.
    var isJudgedByLoss = false
    /// What the program prints of its net, where none of it could be worked out again.
    var uncheckedFigure: String?
    /// A printed figure that is the best of several, chosen by the rows that it is reported on, in words.
    var bestOfSeveral: String?
    /// Of a net that is trained to give back its input, and measured against other values than its input, in words.
    var otherTarget: String?
    /// Examples of the data set that is trained on, and of the one that is held out; 0 where they are not known.
    var rowsOfTraining = 0
    var rowsHeldOut = 0
    /// The data set that the run is judged on, by the program's name for it.
    var heldOutName: String?
    /// What another replay must share with this one to be compared with it.
    var invariants: ReplayInvariants?
    /// Whether nothing was found in the program that makes an embedding of one example.
    var isWithoutEmbedding = false

    // MARK: By task

    /// What the step's record tells; nil where the training was not seen.
    var facts: StepFacts?
    var task = Task.unknown
    /// In the task's own measure: on held-out rows, of the untrained copy on the same, on the training rows.
    var taskScore: TaskScore?
    var taskUntrained: TaskScore?
    var taskOwn: TaskScore?
    var taskRows = 0
    /// Whether the rows that the run is judged on were withheld from the program's own by the replays: the program has no others.
    var isOfKeptRows = false
    /// Whether nothing is held out, so that the training rows themselves are what the run is judged on.
    var isJudgedOnTraining = false
    /// What the probabilities of a classifier are worth.
    var logScore: LogScore?
    /// Deviation of the outputs over that of the targets, and the range of the outputs.
    var outputSpread = 1.0
    var outputLow = 0.0
    var outputHigh = 0.0
    /// Of triplets: the share of positives of another class than the anchor, and of negatives of its own.
    var strangePositives = 0.0
    var falseNegatives = 0.0
    /// How often the negatives of two anchors of one class are of one class too, and how many classes anchors have.
    var negativesAlike: (share: Double, classes: Int) = (0, 0)
    /// The share of negatives that no data set of the program has, where anchors and positives come from one.
    var unknownNegatives = 0.0
    /// Whether the triplets of a poor run hardly ever oppose the classes that are to be told apart.
    var hasEasyTriplets: Bool {
        (!isGood || isBehindReference) && isFinite && (negativesAlike.share > 0.6 || unknownNegatives > 0.9)
    }
    /// A value far outside of the others, among inputs or targets; a column that numbers the rows of sorted classes.
    var outlier: InputFacts.Outlier?
    /// The share of the training rows that hold a value which is not finite, and the first column that has one.
    var notFinite: (share: Double, column: Int)?
    var numbering: Int?
    /// The column of the inputs that is nearly a linear function of a regression's target where no other column is, and the two
    /// correlations; a target may depend on one column by its nature.
    var telltale: (column: Int, correlation: Double, next: Double)? {
        guard task == .regression, let leak = facts?.leakingColumn, leak.correlation > 0.98, leak.correlation <= 0.9999,
            leak.next < 0.95
        else { return nil }
        return leak
    }
    /// Columns chosen by labels of rows that are not trained on; nil where the text shows no such choice.
    var columnsChosen: ColumnsChosen?
    /// A column of the inputs that the program itself makes from the target; nil where its text shows none.
    var targetAmongInputs: TargetAmongInputs?
    /// The column that alone tells two classes, and how well it and the next one do.
    var telling: (column: Int, share: Double, next: Double)?
    /// Classes of held-out examples that no training example has.
    var missingClasses: [Int] = []
    var heldClasses = 0
    /// How much better than the best constant the nearest rows tell a row's target; nil where that was not seen.
    var neighbourGain: Double?
    /// Among how many rows these were looked for.
    var neighbourRows = 0
    /// Whether that gain is none, or one that as many rows have by chance.
    var areNeighboursNoHelp: Bool {
        guard let neighbourGain else { return false }
        return neighbourGain < max(0.05, 0.75 / Double(max(1, neighbourRows)).squareRoot())
    }
    /// What a standard training reaches on the program's data; nil where that was not tried.
    var reference: Reference?
    /// How many batches the program drew; nil where that was not seen.
    var batchesDrawn: Int?
    /// Share of rows whose class number the loss used as another of the same numbers.
    var relabelled = 0.0
    /// By how much of their size the outputs of single rows differ from those of the same rows in a batch, in evaluation mode.
    var mixing = 0.0
    /// Whether the states of the nets, such as the running statistics of batch norm, are those of before the training.
    var hasIdleStates = false
    /// The layer of relu units of which most were 0 for all rows before the training, and how many of them were.
    var deadAtStart: (stage: String, share: Double) = ("", 0)
    /// Of a hand-written loop over epochs or steps that a `break` ended: how many it came to, and how many it was written for.
    var brokenOff: (done: Int, planned: Int)?
    /// Columns of whole numbers that name kinds, and what a plain network reaches with one unit for each kind.
    var kindsAsNumbers: (columns: [Int], worth: Double)?
    /// Whether the loss has other numbers for the classes, one and the same for all rows of a class.
    var isRenamed = false

    /// Whether a task's own measure judges the run in place of the embedding's.
    var isJudgedByTask: Bool { taskScore != nil && items == 0 }
    /// Whether the run was judged at all.
    var isJudged: Bool { isJudgedByTask || items > 0 }
    /// What the untrained copy scores in the measure that decides, and what the best constant output does.
    var startWorth: Double { isJudgedByTask ? taskUntrained?.worth ?? taskScore?.constant ?? 0 : untrained.mapAtR }
    var constantWorth: Double { isJudgedByTask ? taskScore?.constant ?? 0 : 0 }
    /// Whether the run gained at least half of what there was to gain over its untrained copy and the best constant.
    var isGood: Bool {
        let floor = max(startWorth, constantWorth)
        return isJudged && isFinite && (worth > floor + 0.5 * (1 - floor) || isKept) && !isBehindNeighbours
            && !isBehindReference
    }
    /// What the nearest rows of the raw inputs would score, in the task's own measure; nil where that was not seen.
    var neighbourWorth: Double? {
        guard isJudgedByTask, task == .classification || task == .regression, let gain = neighbourGain,
            let s = taskScore, !s.isBalanced
        else { return nil }
        return task == .classification ? s.constant + gain : gain
    }
    /// Whether the five nearest rows tell a row's target clearly better than the net does.
    var isBehindNeighbours: Bool { neighbourWorth.map { $0 > worth + 0.15 } ?? false }
    /// Whether the program measures new rows as good where the run was judged as poor: then the judgement misses what the
    /// net is for.
    var isVouchedFor: Bool {
        // A classifier with an embedding inside that is not meant to be searched.
        if !isJudgedByTask, items > 0, ownMeasure == nil, isFinite, !isGood,
            figures.contains(where: {
                $0.names.contains("accuracy") && $0.isComparable && $0.isShare && $0.trainedShare < 0.05
                    && $0.worth > 0.9 && $0.gain > 0.3
            })
        {
            return true
        }
        return isJudgedByTask && ownMeasure == nil && isFinite && !isGood && taskScore?.isBalanced != true
            && constantFigure == nil
            && figures.contains { f in
                // The same measure of new rows, and far more: the judgement did not give the net what the program gives it.
                if f.trainedShare < 0.05, isLikeJudgement(f), f.ofLoss == nil, f.gain > 0.05,
                    f.worth > max(0.9, standing + 0.3)
                {
                    return true
                }
                return f.trainedShare < 0.05 && f.gain > 0.3
                    && (f.ofLoss != nil
                        // An error of outputs far beyond the targets shows nothing by what is left of it.
                        ? f.trained > 0.75 && (taskOwn?.worth ?? 0) < worth + 0.25
                            && (task == .reconstruction || (taskUntrained?.worth ?? 0) > -1)
                        : f.worth > 0.9 && (f.isComparable || f.names.contains("auc") && !f.isError))
            }
    }
    /// Whether a figure is in the measure that the run was judged in: a share of right answers of a classifier, an r2 of a
    /// regression.
    func isLikeJudgement(_ f: OwnFigure) -> Bool {
        isJudgedByTask && f.isComparable && (task == .classification && f.isShare || task == .regression && !f.isShare)
    }
    /// Whether a figure of the program's own, in the measure of the judgement, says that new rows do nearly as well as the
    /// training rows.
    func isGoodOnNewRows(like own: Double) -> Bool {
        figuresOfNet.contains { $0.trainedShare < 0.05 && isLikeJudgement($0) && $0.worth > own - 0.15 }
    }
    /// A figure of the program that says much less than what the run was judged to be.
    var contradiction: OwnFigure? {
        guard ownMeasure == nil else { return nil }
        if !isGood {
            // Far less than what even a poor net does on rows like those of the training.
            return figures.first {
                $0.ofLoss == nil && task == .regression && isLikeJudgement($0) && isFinite
                    && $0.worth < standing - 0.3 && standing > 0.1 && $0.worth < -0.2
            }
        }
        return figuresOfNet.first { f in
            // What is left of an error that the training had to bring down.
            if f.ofLoss != nil {
                return isJudgedByTask && (task == .regression || task == .reconstruction) && f.trained < leastOfLoss
            }
            let (own, chance) = (f.worth, f.isError ? 1 - f.untrained : f.untrained)
            if items > 0, f.names.contains("map_at_r"), heldOutName.map(f.names.contains) == true, !f.isError {
                return own < standing - 0.12
            }
            let isLike = isLikeJudgement(f)
            return isLike ? own < standing - 0.12 : own < min(chance + 0.35 * (1 - chance), 0.9)
        }
    }
    /// The program's figures without those that it only compares its net with.
    var figuresOfNet: [OwnFigure] { figures.filter { !$0.isBaseline && !isCompared($0) } }
    /// Whether a figure that knows nothing of the training stands beside one of the same held-out rows that does: the program
    /// shows another net, or its own first weights, for comparison.
    private func isCompared(_ f: OwnFigure) -> Bool {
        guard f.trained == f.untrained, let held = heldOutName, f.names.contains(held) else { return false }
        return figures.contains {
            $0.trained != $0.untrained && $0.isError == f.isError && $0.names.contains(held) && $0.worth > f.worth
        }
    }
    /// The share of a printed error that the training has to take away at least, where the outputs fit so well.
    var leastOfLoss: Double { standing > 0.9 ? 0.25 : 0.1 }
    /// Whether class numbers are learnt as amounts, and their share that the program finds right is far less than what the
    /// amounts are learnt to.
    var comparesClassNumbers: Bool {
        guard let f = facts, task == .regression, f.targetsAreWhole, f.targetWidth == 1, f.outputWidth == 1,
            (3...30).contains(f.targetKinds), f.targetLow >= 0, !f.isLogarithmic, isFinite
        else { return false }
        return figures.contains { $0.isComparable && $0.ofLoss == nil && $0.isShare && $0.worth < standing - 0.1 }
    }
    /// A figure of rows that were trained on, and one of the same kind of new rows that is far less.
    var gapOfFigures: Bool {
        let like = figures.filter { $0.isComparable && $0.ofLoss == nil }
        return like.contains { a in
            a.trainedShare > 0.95 && like.contains { $0.trainedShare < 0.05 && $0.worth < a.worth - 0.12 }
        }
    }
    /// Of a run that nothing else than its training rows could judge: a figure of the program's own on other rows that is far
    /// worse.
    var worseOnNewRows: OwnFigure? {
        guard isJudgedByTask, isJudgedOnTraining, standing > 0.9, measuresNewRows else { return nil }
        return figuresOfNet.last {
            ($0.ofLoss != nil || $0.isComparable && $0.trainedShare < 0.05) && $0.worth < standing - 0.3
        }
    }
    /// Whether the log loss that the program prints of held-out rows is worse than that of the class frequencies, although the
    /// training rows are learnt by heart.
    var isOverconfident: Bool {
        guard printsLossOfHeldOut, task == .classification, let log = logScore, let own = taskOwn else { return false }
        return log.loss > 1.2 * log.constant && own.worth > 0.99 && lastLoss < 0.05 * firstLoss
    }
    /// Whether the program measures nothing but the order of its scores, which does not depend on a threshold.
    var isMeasuredByRanks: Bool {
        let ranks: Set<String> = ["roc", "auc", "average_precision", "precision_recall"]
        return !figures.isEmpty && figures.allSatisfy { !ranks.isDisjoint(with: $0.names) }
    }
    /// Whether the held-out rows lie far from the training rows, and the net does poorly on them.
    var isMeasuredElsewhere: Bool { shift > 1 && heldOutName != nil && !isGood }
    var measure: String {
        if let ownMeasure { return ownMeasure }
        return isJudgedByTask ? taskScore?.isBalanced == true ? "balanced accuracy" : task.measure : "MAP@R"
    }
    /// The measure as it stands, whether or not the run came to its end.
    var standing: Double { isJudgedByTask ? taskScore?.worth ?? 0 : score.mapAtR }

    var isFinite: Bool { stopped?.isNotFinite != true && loss.allSatisfy(\.isFinite) }
    var firstLoss: Double { Double(loss.first ?? 0) }
    /// Mean over the last tenth.
    var lastLoss: Double {
        let tail = loss.suffix(max(1, loss.count / 10))
        return tail.isEmpty ? 0 : tail.reduce(0) { $0 + Double($1) } / Double(tail.count)
    }
    /// Largest update in the first 20 steps, the first one left out where weights may still be tiny.
    var earlyUpdate: Double { updates.filter { $0.step < 20 }.map(\.ratio).max() ?? 0 }
    var medianUpdate: Double {
        let sorted = updates.map(\.ratio).sorted()
        return sorted.isEmpty ? 0 : sorted[sorted.count / 2]
    }
    /// Whether the held-out items have all but one embedding, or lie on one line, and did not before.
    var isCollapsed: Bool {
        // Between a twentieth and a tenth of the start where it is on its way: worse than untrained, the loss all but gone.
        let isShrinking = spread < 0.1 * firstSpread && score.auc < untrained.auc - 0.1 && lastLoss < 0.01 * firstLoss
        let isPoint = spread < 0.05 * firstSpread || rank == 0 || isShrinking
        let isLine = rank < 1.5 && firstRank > 3 && width >= 4
        let isBlind = score.auc < max(0.7, untrained.auc - 0.05)
        return items > 0 && ((isPoint || isLine) && isBlind || isPoint && score.mapAtR <= untrained.mapAtR)
    }
    /// The stage whose outputs lost half of their spread first, and the step by which they had, by the run's own record.
    var dyingStage: (path: String, step: Int)?
    /// The stage most of whose units were first 0 for a whole batch, by the run's own record.
    var deadStep: (path: String, step: Int)?
    var deadOnset: String? {
        deadStep.map { "\($0.step < 2 ? "at the first step" : "by step \($0.step)"), in \($0.path)" }
            ?? (deadStage.isEmpty ? nil : "in \(deadStage)")
    }
    var collapseOnset: String? {
        dyingStage.map { "by step \($0.step), in \($0.path)" } ?? collapseStep.map { "by step \($0)" }
    }
    /// The first step that moved a weight by a fifth of its length, else the one that moved one most.
    var thrownOnset: String? {
        let first = updates.first { $0.ratio > 0.2 } ?? updates.max { $0.ratio < $1.ratio }
        return first.map { "at step \($0.step + 1)" + ($0.path.isEmpty ? "" : ", in \($0.path)") }
    }
    var collapseStep: Int? { spreads.first { $0.spread < firstSpread / 2 }?.step }
    /// The number that decides: MAP@R, with AUC beside it.
    var worth: Double { isFinite ? standing : min(standing, 0) }
}
