import Testing

@testable import SiamLanguage

@Test func roomOpens() {}
