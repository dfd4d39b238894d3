import Testing

@testable import SiamData

@Test func roomOpens() {}
