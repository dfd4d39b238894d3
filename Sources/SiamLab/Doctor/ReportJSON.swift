import SiamFormats

/// A diagnosis for other programs.
extension Report {
    var json: JSON {
        let v = doctor.base
        let diff = doctor.repair.isEmpty ? [] : doctor.chart.diff(doctor.repair)
        return .record([
            "version": .whole(2), "verdict": .text(verdict), "task": .text(v.task.rawValue),
            "measure": .text(v.measure),
            "worth": .number(v.standing), "untrained_worth": .number(v.startWorth),
            "reference": v.reference.map { .number($0.worth) } ?? .null,
            "names": .texts(doctor.findings.map(\.rule.name)), "findings": .array(doctor.findings.map(Report.json)),
            "score": Report.json(v.score), "untrained": Report.json(v.untrained), "raw": Report.json(v.raw),
            "tried": .array(doctor.trials.map(Report.json)), "diff": .text(diff.joined(separator: "\n")),
            "unproved": .texts(doctor.unproved), "harmless": .texts(doctor.harmless),
            "looked_for": .texts(doctor.looked),
            "record": v.facts.map(Report.json) ?? .null,
            "figures": .array(
                v.figures.map {
                    .record([
                        "text": .text($0.text), "trained": .number($0.trained), "untrained": .number($0.untrained),
                        "smaller_is_better": .bool($0.isError),
                    ])
                }),
            "not_tested": .texts(doctor.notTested), "notes": .texts(doctor.notes), "replays": .whole(doctor.replays),
            "interrupted": .bool(doctor.isInterrupted),
        ])
    }

    private static func json(_ f: Finding) -> JSON {
        .record([
            "name": .text(f.rule.name), "number": .whole(f.rule.number), "evidence": .text(f.evidence),
            "first": f.firstSymptom.map(JSON.text) ?? .null, "proved": .bool(f.isProved),
            "cause": f.cause.map(JSON.text) ?? .null, "repair": .text(f.repair?.label ?? f.rule.repair),
            "gain": .number(f.trial?.mean ?? 0), "alternatives": .texts(f.alternatives),
        ])
    }

    private static func json(_ t: Trial) -> JSON {
        .record([
            "fault": .text(t.rule), "change": .text(t.label), "gains": .array(t.gains.map(JSON.number)),
            "proved": .bool(t.isProved), "sign_gone": .bool(t.isSignGone),
        ])
    }

    private static func json(_ s: Score) -> JSON {
        .record(["map_at_r": .number(s.mapAtR), "auc": .number(s.auc), "accuracy": .number(s.accuracy)])
    }

    private static func json(_ f: StepFacts) -> JSON {
        .record([
            "sides": .whole(f.sides), "layers": .whole(f.layers), "end": .texts(f.end), "readers": .texts(f.readers),
            "output_width": .whole(f.outputWidth), "input_scale": .number(f.inputScale),
            "target_scale": .number(f.targetScale), "pull": .number(f.push?.pull ?? 0),
            "push": .number(f.push?.push ?? 0), "push_ends": f.push?.end.map(JSON.number) ?? .null,
            "unreached": .whole(f.unreached.count),
        ])
    }
}
