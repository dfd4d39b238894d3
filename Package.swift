// swift-tools-version: 6.1
import Foundation
import PackageDescription

/// Kernels are C loops that must be fast in debug builds and tests too, hence the flags; no instruction set is
/// named here: the kernels choose theirs at run time.
let kernelFlags: [CSetting] = [.unsafeFlags(["-O3", "-fno-math-errno", "-fno-trapping-math", "-fno-signed-zeros"])]
/// What users run (`scripts/siam`) is optimised across modules, which gains up to 5 % where steps are tiny, and makes an
/// edit of a low module rebuild everything above it; so builds of those who work on siam go without.
let isShipped = ProcessInfo.processInfo.environment["SIAM_SHIPPED"] == "1"
let swiftFlags: [SwiftSetting] = [
    .unsafeFlags(
        ["-enforce-exclusivity=unchecked"] + (isShipped ? ["-cross-module-optimization"] : []),
        .when(configuration: .release))
]

/// One target of the house. A target imports only what stands above it in this list.
func room(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .target(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: swiftFlags)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, exclude: [], swiftSettings: [])
}

let package = Package(
    name: "siam",
    products: [.executable(name: "siam", targets: ["siam"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
    ],
    targets: [
        .target(name: "CEditline", linkerSettings: [.linkedLibrary("edit")]),
        .target(name: "CPrelude"),
        .target(name: "CLessons"),
        .target(
            name: "CKernels", cSettings: kernelFlags,
            linkerSettings: [.linkedLibrary("dnnl"), .linkedLibrary("m"), .linkedLibrary("dl")]),
        .target(
            name: "CCodecs", cSettings: kernelFlags,
            linkerSettings: [.linkedLibrary("z"), .linkedLibrary("png"), .linkedLibrary("jpeg"), .linkedLibrary("dl")]),
        room("SiamTensor", ["CKernels"]),
        room("SiamGradient", ["SiamTensor"]),
        room("SiamLearning", ["SiamGradient", "SiamTensor"]),
        room("SiamData", ["CCodecs", "SiamTensor"]),
        room("SiamExchange", ["SiamData", "SiamTensor"]),
        room("SiamLanguage", []),
        room(
            "SiamRuntime",
            [
                "SiamLanguage", "SiamExchange", "SiamData", "SiamLearning", "SiamGradient", "SiamTensor", "CKernels",
                "CPrelude",
            ], exclude: ["Prelude"]),
        room(
            "SiamLab",
            ["SiamRuntime", "SiamLanguage", "SiamData", "SiamLearning", "SiamGradient", "SiamTensor"]),
        room(
            "SiamFigures",
            ["SiamLab", "SiamRuntime", "SiamLanguage", "SiamExchange", "SiamData", "SiamGradient", "SiamTensor"]),
        room("SiamLessons", ["CLessons", "SiamFigures", "SiamLab", "SiamRuntime", "SiamLanguage", "SiamTensor"]),
        room(
            "SiamPrompt",
            [
                "CEditline", "CKernels", "SiamTensor", "SiamLessons", "SiamFigures", "SiamLab", "SiamRuntime",
                "SiamLanguage",
            ]),
        room(
            "SiamDoors",
            [
                "CEditline", "CKernels", "SiamPrompt", "SiamLessons", "SiamFigures", "SiamLab", "SiamRuntime",
                "SiamData",
                "SiamLanguage", "SiamGradient", "SiamTensor",
            ]),
        .executableTarget(
            name: "siam",
            dependencies: [
                "CEditline", "SiamDoors", "SiamPrompt", "SiamLessons", "SiamLab", "SiamFigures", "SiamRuntime",
                "SiamLanguage", "SiamData",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], swiftSettings: swiftFlags),
        tests("SiamTensorTests", ["SiamTensor"]),
        tests("SiamGradientTests", ["SiamGradient", "SiamTensor"]),
        tests("SiamLearningTests", ["SiamLearning", "SiamGradient", "SiamTensor"]),
        tests("SiamDataTests", ["SiamData", "SiamTensor"]),
        tests("SiamLanguageTests", ["SiamLanguage"]),
        tests("SiamFiguresTests", ["SiamFigures", "SiamRuntime", "SiamLanguage", "SiamData", "SiamTensor"]),
        tests(
            "SiamProgramTests", ["SiamLessons", "SiamRuntime", "SiamGradient", "SiamLanguage", "SiamTensor", "siam"]),
        tests(
            "SiamPromptTests",
            ["SiamPrompt", "SiamLessons", "SiamLab", "SiamFigures", "SiamRuntime", "SiamLanguage", "siam"]),
        tests(
            "SiamDoorsTests",
            [
                "SiamDoors", "SiamPrompt", "SiamLessons", "SiamLab", "SiamFigures", "SiamRuntime", "SiamData",
                "SiamLanguage",
            ]),
        tests("SiamMetricTests", ["SiamLessons", "SiamRuntime", "SiamLanguage", "SiamTensor"]),
        tests("SiamLessonsTests", ["SiamLessons", "SiamRuntime", "SiamLanguage", "SiamTensor"]),
        tests(
            "SiamTrainingTests",
            [
                "SiamLessons", "SiamRuntime", "SiamLearning", "SiamGradient", "SiamData", "SiamLanguage", "SiamTensor",
            ]),
        tests("SiamExchangeTests", ["SiamLessons", "SiamLab", "SiamRuntime", "SiamLanguage", "SiamTensor"]),
        tests("SiamLabTests", ["SiamLab", "SiamRuntime", "SiamLanguage", "SiamTensor"]),
    ]
)
