import Testing

@testable import SiamTensor

@Test func roomOpens() {}
