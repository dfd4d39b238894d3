import SiamInterpreter
import SiamLanguage
import SiamLearning
import SiamRuntime
import SiamTensor

/// Optimizers, initialisers, schedules; runs that are taken up again.
extension Builtins {
    static let learning: [Builtin] =
        optimizers + initialisers + schedules + [
            Builtin(
                "resume", "run : run, for_steps : whole >= 0 = none", family: "training",
                "Continues a run for a number of further steps, exactly as if it had not stopped. For a run loaded from a file its program is run again first, up to the run, with everything that it does and reads.",
                examples: [
                    (
                        "seed 1; net = dense(1); run = train net on batches(moons(40), 8) as x, y for 5 steps using sgd(0.1) { minimize mean(net(x)^2) }; resume(run, for_steps = 5).steps",
                        ""
                    )
                ], seeAlso: ["rewind"]
            ) { i, a in
                let run = try a.thing(0, Run.self, "a run")
                try i.resume(run, steps: a.isNone(1) ? max(run.planned - run.steps, 0) : try a.integer(1, atLeast: 0))
                return a[0]
            },
            Builtin(
                "rewind", "run : run, steps : whole >= 0", family: "training",
                "Restores nets, optimizer, batch source and random stream to their states that many steps ago.",
                examples: [
                    (
                        "seed 1; net = dense(1); run = train net on batches(moons(40), 8) as x, y for 5 steps using sgd(0.1) { minimize mean(net(x)^2) }; rewind(run, 2).steps",
                        ""
                    )
                ],
                seeAlso: ["resume"]
            ) { i, a in
                let run = try a.thing(0, Run.self, "a run")
                try i.rewind(run, by: try a.integer(1, atLeast: 0))
                return a[0]
            },
        ]

    private static func signature(
        _ parameters: [(name: String, defaultValue: Double?)], takes: (String) -> String
    ) -> String {
        parameters.map { p in
            let name = "\(p.name) : \(takes(p.name))"
            guard let defaultValue = p.defaultValue else { return name }
            return
                "\(name) = \(Optimizer.Declaration.isOff(p.name, defaultValue) ? "none" : formatNumber(defaultValue))"
        }.joined(separator: ", ")
    }

    private static let optimizers: [Builtin] = Optimizer.all.map { d in
        Builtin(
            d.name, signature(d.parameters, takes: Optimizer.Declaration.takes), family: "optimizers",
            "\(d.help) \(d.formula)\(d.source.isEmpty ? "" : " (\(d.source))"). \(Optimizer.Declaration.common)",
            examples: [("\(d.name)(0.01)", "")],
            seeAlso: ["train", "update"]
        ) { i, a in
            var settings: [String: Double] = [:]
            var schedule: Value?
            for (k, s) in d.parameters.enumerated() {
                switch a[k] {
                case .none: continue
                case .function where s.name == "lr", .builtin where s.name == "lr", .thing where s.name == "lr":
                    schedule = a[k]
                    settings["lr"] = 0
                default: settings[s.name] = try a.number(k)
                }
            }
            return .thing(OptimizerThing(try Optimizer(d.name, settings), schedule: schedule))
        }
    }

    private static let initialisers: [Builtin] = Initialiser.all.compactMap { d in
        if d.name == "zeros" || d.name == "ones" { return nil }
        let help = d.source.isEmpty ? d.help : "\(d.help) (\(d.source))"
        if d.parameters.allSatisfy({ $0.name == "gain" }) {
            return Builtin(
                d.name, "shape...", family: "initialisers",
                help + " Without a shape it is an initialiser, to be passed as init.",
                examples: [("dense(2, init = \(d.name))(ones(1, 2)).shape", "")], seeAlso: ["dense", "zeros"]
            ) { i, a in
                var shape = try i.shape(try a.list(0))
                if d.name == "eye", shape.rank == 1 { shape = try Shape([shape[0], shape[0]]) }
                return .tensor(try Initialiser(d.name).draw(shape, &i.session.stream))
            }
        }
        let kinds = ["sd": "number >= 0", "gain": "number >= 0", "high": "number >= low"]
        let numbers = d.parameters.indices.map { "\(0.5 * Double($0 + 1))" }.joined(separator: ", ")
        return Builtin(
            d.name, signature(d.parameters) { kinds[$0] ?? "number" },
            family: "initialisers", help,
            examples: [("dense(2, init = \(d.name)(\(numbers)))(ones(1, 2)).shape", "")], seeAlso: ["dense", "glorot"]
        ) { i, a in
            .thing(InitialiserThing(try Initialiser(d.name, try d.parameters.indices.map { try a.number($0) })))
        }
    }

    /// `adam(warmup(0.01, 100))`: a rate first, then numbers of steps.
    private static func example(_ d: Schedule.Declaration) -> String {
        let given = d.parameters.filter { $0.defaultValue == nil }
        let numbers = given.map { $0.name == "lr" ? "0.01" : $0.name == "factor" ? "0.99" : "100" }.joined(
            separator: ", ")
        return "adam(\(d.name)(\(numbers)))"
    }

    private static let plateau = Builtin(
        "plateau",
        "lr : number >= 0, patience : whole >= 0 = 5, factor : number > 0 < 1 = 0.5, floor : number >= 0 = 0, of : text = \"loss\"",
        family: "schedules",
        "The learning rate lr, multiplied by `factor` whenever the series `of` has not improved for more than `patience` epochs (or reports), and never below `floor`: adam(plateau(0.001, patience = 3, of = \"held\")). The loss is compared by its mean over each epoch, a reported series at each report.",
        examples: [("adam(plateau(0.01))", "")], seeAlso: ["adam", "cosine"]
    ) { _, a in
        .thing(
            PlateauThing(
                lr: try a.number(0), patience: try a.integer(1, atLeast: 0), factor: try a.number(2),
                floor: try a.number(3), name: try a.text(4)))
    }

    /// `cosine` is a distance too: the prelude's function of that name hands two numbers on to the schedule. A constant rate
    /// is a number, and `constant` the initialiser.
    private static let schedules: [Builtin] =
        [plateau]
        + Schedule.all.filter { $0.name != "constant" }.map { d in
            Builtin(
                d.name == "cosine" ? "cosine_schedule" : d.name, signature(d.parameters, takes: Schedule.takes),
                family: "schedules", d.help,
                examples: [(example(d), "")], seeAlso: ["adam"]
            ) { i, a in
                let values = try d.parameters.indices.map { try a.number($0) }
                let schedule = try Schedule(d.name, values)
                return .thing(
                    ScheduleThing("\(d.name)(\(values.map { formatNumber($0) }.joined(separator: ", ")))") {
                        schedule.value(at: $0)
                    })
            }
        }
}
