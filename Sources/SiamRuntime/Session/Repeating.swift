import SiamGradient
import SiamInterpreter
import SiamLanguage
import SiamTensor

/// Programs that are run beside the one that is running: replays.
extension Session {
    /// Runs a program's texts from the session's own beginning, silently, up to the run of the given number, and puts all back:
    /// names, random stream, imports. The resulting run belongs to this session. Errors of the program are thrown.
    public func repeated(_ sources: [Source], texts: [String: String], run number: Int, to quiet: any Output) throws
        -> Run?
    {
        let kept = globals.keep()
        let world = beginAside(quiet)
        defer {
            globals.restore(kept)
            endAside(world)
        }
        var follow = Interventions(run: number, steps: Int.max)
        follow.texts = texts
        interventions = follow
        stream = RandomStream(seed: firstSeed)
        do {
            for source in sources { try run(source) }
        } catch let end as ReplayEnded {
            return end.run
        }
        return nil
    }

    /// All but the names, as it stood before a program was run aside.
    struct SessionState {
        let stream: RandomStream
        let imported: Set<String>
        let runCount: Int
        let lastRun: Run?
        let output: any Output
        let interventions: Interventions?
        let handler: (any PauseHandler)?
        let state: (trainer: Trainer?, isTraining: Bool, isRecording: Bool, observer: StageObserver?)
        let sampler: (any StageSampler)?
    }

    /// Prepares to run another program in this session, from a beginning of its own.
    func beginAside(_ quiet: any Output) -> SessionState {
        let world = SessionState(
            stream: stream, imported: imported, runCount: runCount, lastRun: lastRun, output: output,
            interventions: interventions, handler: pauseHandler,
            state: (interpreter.trainer, interpreter.isTraining, Recording.isOn, interpreter.observer),
            sampler: interpreter.sampler)
        imported = []
        runCount = 0
        output = quiet
        pauseHandler = nil
        (interpreter.trainer, interpreter.isTraining, Recording.isOn, interpreter.observer) = (nil, false, true, nil)
        interpreter.sampler = nil
        return world
    }

    func endAside(_ world: SessionState) {
        (stream, imported, runCount, lastRun) = (world.stream, world.imported, world.runCount, world.lastRun)
        (output, interventions, pauseHandler) = (world.output, world.interventions, world.handler)
        (interpreter.trainer, interpreter.isTraining, Recording.isOn, interpreter.observer) = world.state
        interpreter.sampler = world.sampler
    }

    /// Takes a program that was run aside for this session's own past, where it has none but the statement that is running.
    func adopt(_ entries: [JournalEntry], seed: UInt64, imports: [String: String]) -> Bool {
        guard journal.count <= 2, interpreter.frameCount > 0 else { return false }
        journal.insert(contentsOf: entries, at: 0)
        firstSeed = seed
        importedTexts.merge(imports) { $1 }
        return true
    }
}
