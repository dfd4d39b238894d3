import Testing

@testable import SiamGradient

@Test func roomOpens() {}
