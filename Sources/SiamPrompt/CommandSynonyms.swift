import SiamLanguage
import SiamLessons

/// Words that people type at a pause, in a lesson or behind a colon, and what is typed here for them, as data.
enum CommandSynonyms {
    /// Where an input is typed.
    enum Place { case prompt, pause, lesson }

    private struct Row {
        let words: Set<String>
        let says: String
    }

    private static func rows(_ text: String) -> [Row] {
        text.split(separator: "\n").compactMap { line in
            let parts = line.split(separator: "|", maxSplits: 1)
            guard parts.count == 2 else { return nil }
            return Row(
                words: Set(parts[0].split(separator: " ").map(String.init)), says: String(parts[1]).trimmedOfWhitespace)
        }
    }

    private static let atPause = rows(
        """
        go continue cont c resume r proceed | go continues the run:  go
        step next n s advance over into | one more step:  step
        rewind back b prev previous undo up | one step back:  rewind 1
        stop break abort kill finish halt end out | stop ends the run, and what it did is kept:  stop
        quit exit | quit ends the whole program:  quit
        save | save FILE writes the run:  save "run.siamrun"
        where w bt status info list l | where the run is:  run.steps,  run.loss.last
        opt optimizer lr | the run's optimizer is  run.optimizer,  and its rate  run.optimizer.lr = 0.01
        """)

    private static let inLesson = rows(
        """
        hint hints clue | a hint is  :hint
        skip answer solution show reveal solve | the answer is shown by  :skip
        next n continue c go | Enter goes on, and so does  :next
        back b prev previous | the previous step is  :back
        again repeat retry restart redo | this step again is  :again
        play try | to try things out without a judgement  :play
        task question | the task is shown by  :task
        list steps toc | the steps of the lesson are  :list
        stop quit exit leave | to leave the lesson  :stop
        """)

    /// What a word means at a place: a single word, where no name of the user's is meant.
    static func says(_ word: String, at place: Place) -> String? {
        let rows: [Row] =
            switch place {
            case .pause: atPause
            case .lesson: inLesson
            case .prompt: []
            }
        return rows.first { $0.words.contains(word) }?.says
    }

    /// What a word behind a colon that is no command here means.
    static func ofColon(_ word: String, at place: Place) -> String? {
        if let says = says(word, at: place) { return says }
        if place != .lesson, LessonCommand.all.contains(where: { $0.name == word }) {
            return "it belongs to lessons, which are opened by  :learn"
        }
        if place == .prompt, says(word, at: .pause) != nil { return "no run is paused here" }
        return nil
    }
}
