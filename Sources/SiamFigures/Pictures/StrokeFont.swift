/// The strokes of letters, for pictures made without any font of the system.
///
/// The Hershey fonts were originally created by Dr. A. V. Hershey while working at the U. S. National Bureau of Standards;
/// the form in which each glyph is written here, pairs of signs counted from R, was created by James Hurt, Cognition, Inc.
enum StrokeFont {
    /// Roman simplex, for the characters from blank to ~: left and right bound, then points; " R" lifts the pen.
    private static let glyphs: [String] = [
        #"JZ"#,
        #"MWRFRT RRYQZR[SZRY"#,
        #"JZNFNM RVFVM"#,
        #"H]SBLb RYBRb RLOZO RKUYU"#,
        #"H\PBP_ RTBT_ RYIWGTFPFMGKIKKLMMNOOUQWRXSYUYXWZT[P[MZKX"#,
        #"F^[FI[ RNFPHPJOLMMKMIKIIJGLFNFPGSHVHYG[F RWTUUTWTYV[X[ZZ[X[VYTWT"#,
        #"E_\O\N[MZMYNXPVUTXRZP[L[JZIYHWHUISJRQNRMSKSIRGPFNGMIMKNNPQUXWZY[[[\Z\Y"#,
        #"MWRHQGRFSGSIRKQL"#,
        #"KYVBTDRGPKOPOTPYR]T`Vb"#,
        #"KYNBPDRGTKUPUTTYR]P`Nb"#,
        #"JZRLRX RMOWU RWOMU"#,
        #"E_RIR[ RIR[R"#,
        #"NVSWRXQWRVSWSYQ["#,
        #"E_IR[R"#,
        #"NVRVQWRXSWRV"#,
        #"G][BIb"#,
        #"H\QFNGLJKOKRLWNZQ[S[VZXWYRYOXJVGSFQF"#,
        #"H\NJPISFS["#,
        #"H\LKLJMHNGPFTFVGWHXJXLWNUQK[Y["#,
        #"H\MFXFRNUNWOXPYSYUXXVZS[P[MZLYKW"#,
        #"H\UFKTZT RUFU["#,
        #"H\WFMFLOMNPMSMVNXPYSYUXXVZS[P[MZLYKW"#,
        #"H\XIWGTFRFOGMJLOLTMXOZR[S[VZXXYUYTXQVOSNRNOOMQLT"#,
        #"H\YFO[ RKFYF"#,
        #"H\PFMGLILKMMONSOVPXRYTYWXYWZT[P[MZLYKWKTLRNPQOUNWMXKXIWGTFPF"#,
        #"H\XMWPURRSQSNRLPKMKLLINGQFRFUGWIXMXRWWUZR[P[MZLX"#,
        #"NVROQPRQSPRO RRVQWRXSWRV"#,
        #"NVROQPRQSPRO RSWRXQWRVSWSYQ["#,
        #"F^ZIJRZ["#,
        #"E_IO[O RIU[U"#,
        #"F^JIZRJ["#,
        #"I[LKLJMHNGPFTFVGWHXJXLWNVORQRT RRYQZR[SZRY"#,
        #"E`WNVLTKQKOLNMMPMSNUPVSVUUVS RQKOMNPNSOUPV RWKVSVUXVZV\T]Q]O\L[JYHWGTFQFNGLHJJILHOHRIUJWLYNZQ[T[WZYYZX RXKWSWUXV"#,
        #"I[RFJ[ RRFZ[ RMTWT"#,
        #"G\KFK[ RKFTFWGXHYJYLXNWOTP RKPTPWQXRYTYWXYWZT[K["#,
        #"H]ZKYIWGUFQFOGMILKKNKSLVMXOZQ[U[WZYXZV"#,
        #"G\KFK[ RKFRFUGWIXKYNYSXVWXUZR[K["#,
        #"H[LFL[ RLFYF RLPTP RL[Y["#,
        #"HZLFL[ RLFYF RLPTP"#,
        #"H]ZKYIWGUFQFOGMILKKNKSLVMXOZQ[U[WZYXZVZS RUSZS"#,
        #"G]KFK[ RYFY[ RKPYP"#,
        #"NVRFR["#,
        #"JZVFVVUYTZR[P[NZMYLVLT"#,
        #"G\KFK[ RYFKT RPOY["#,
        #"HYLFL[ RL[X["#,
        #"F^JFJ[ RJFR[ RZFR[ RZFZ["#,
        #"G]KFK[ RKFY[ RYFY["#,
        #"G]PFNGLIKKJNJSKVLXNZP[T[VZXXYVZSZNYKXIVGTFPF"#,
        #"G\KFK[ RKFTFWGXHYJYMXOWPTQKQ"#,
        #"G]PFNGLIKKJNJSKVLXNZP[T[VZXXYVZSZNYKXIVGTFPF RSWY]"#,
        #"G\KFK[ RKFTFWGXHYJYLXNWOTPKP RRPY["#,
        #"H\YIWGTFPFMGKIKKLMMNOOUQWRXSYUYXWZT[P[MZKX"#,
        #"JZRFR[ RKFYF"#,
        #"G]KFKULXNZQ[S[VZXXYUYF"#,
        #"I[JFR[ RZFR["#,
        #"F^HFM[ RRFM[ RRFW[ R\FW["#,
        #"H\KFY[ RYFK["#,
        #"I[JFRPR[ RZFRP"#,
        #"H\YFK[ RKFYF RK[Y["#,
        #"KYOBOb RPBPb ROBVB RObVb"#,
        #"KYKFY^"#,
        #"KYTBTb RUBUb RNBUB RNbUb"#,
        #"JZRDJR RRDZR"#,
        #"I[Ib[b"#,
        #"NVSKQMQORPSORNQO"#,
        #"I\XMX[ RXPVNTMQMONMPLSLUMXOZQ[T[VZXX"#,
        #"H[LFL[ RLPNNPMSMUNWPXSXUWXUZS[P[NZLX"#,
        #"I[XPVNTMQMONMPLSLUMXOZQ[T[VZXX"#,
        #"I\XFX[ RXPVNTMQMONMPLSLUMXOZQ[T[VZXX"#,
        #"I[LSXSXQWOVNTMQMONMPLSLUMXOZQ[T[VZXX"#,
        #"MYWFUFSGRJR[ ROMVM"#,
        #"I\XMX]W`VaTbQbOa RXPVNTMQMONMPLSLUMXOZQ[T[VZXX"#,
        #"I\MFM[ RMQPNRMUMWNXQX["#,
        #"NVQFRGSFREQF RRMR["#,
        #"MWRFSGTFSERF RSMS^RaPbNb"#,
        #"IZMFM[ RWMMW RQSX["#,
        #"NVRFR["#,
        #"CaGMG[ RGQJNLMOMQNRQR[ RRQUNWMZM\N]Q]["#,
        #"I\MMM[ RMQPNRMUMWNXQX["#,
        #"I\QMONMPLSLUMXOZQ[T[VZXXYUYSXPVNTMQM"#,
        #"H[LMLb RLPNNPMSMUNWPXSXUWXUZS[P[NZLX"#,
        #"I\XMXb RXPVNTMQMONMPLSLUMXOZQ[T[VZXX"#,
        #"KXOMO[ ROSPPRNTMWM"#,
        #"J[XPWNTMQMNNMPNRPSUTWUXWXXWZT[Q[NZMX"#,
        #"MYRFRWSZU[W[ ROMVM"#,
        #"I\MMMWNZP[S[UZXW RXMX["#,
        #"JZLMR[ RXMR["#,
        #"G]JMN[ RRMN[ RRMV[ RZMV["#,
        #"J[MMX[ RXMM["#,
        #"JZLMR[ RXMR[P_NaLbKb"#,
        #"J[XMM[ RMMXM RM[X["#,
        #"KYTBRCQDPFPHQJRKSMSOQQ RRCQEQGRISJTLTNSPORSTTVTXSZR[Q]Q_Ra RQSSUSWRYQZP\P^Q`RaTb"#,
        #"NVRBRb"#,
        #"KYPBRCSDTFTHSJRKQMQOSQ RRCSESGRIQJPLPNQPURQTPVPXQZR[S]S_Ra RSSQUQWRYSZT\T^S`RaPb"#,
        #"F^IUISJPLONOPPTSVTXTZS[Q RISJQLPNPPQTTVUXUZT[Q[O"#,
    ]

    /// Units from the ground line to the top of capital letters.
    static let capital = 21.0

    struct Glyph {
        var left: Double
        var right: Double
        var strokes: [[(x: Double, y: Double)]]
    }

    /// Accented letters lose their accents, symbols are drawn as the most similar one; anything else is an empty box.
    private static let kin: [Character: Character] = [
        "−": "-", "–": "-", "—": "-", "×": "x", "·": ".", "…": ".", "’": "'", "“": "\"", "”": "\"", "µ": "u", "²": "2",
        "³": "3", "à": "a", "á": "a", "â": "a", "ã": "a", "ä": "a", "å": "a", "ç": "c", "è": "e", "é": "e", "ê": "e",
        "ë": "e", "ì": "i", "í": "i", "î": "i", "ï": "i", "ñ": "n", "ò": "o", "ó": "o", "ô": "o", "õ": "o", "ö": "o",
        "ø": "o", "ù": "u", "ú": "u", "û": "u", "ü": "u", "ý": "y", "Ä": "A", "Å": "A", "É": "E", "Ö": "O", "Ü": "U",
    ]

    /// Whether the font has the character, or one that reads the same.
    static func has(_ sign: Character) -> Bool {
        guard let code = (sign.isLetter ? sign : kin[sign] ?? sign).asciiValue else { return false }
        return code >= 32 && Int(code) - 32 < glyphs.count
    }

    static func glyph(_ sign: Character) -> Glyph {
        let code = Int((kin[sign] ?? sign).asciiValue ?? 0) - 32
        guard code >= 0, code < glyphs.count else {
            let box = [(-6.0, -12.0), (6, -12), (6, 9), (-6, 9), (-6, -12)].map { (x: $0.0, y: $0.1) }
            return Glyph(left: -9, right: 9, strokes: sign == " " ? [] : [box])
        }
        let bytes = glyphs[code].utf8.map { Double($0) - 82 }
        guard bytes.count >= 2 else { return Glyph(left: -8, right: 8, strokes: []) }
        var strokes: [[(x: Double, y: Double)]] = [[]]
        for k in stride(from: 2, to: bytes.count - 1, by: 2) {
            if bytes[k] == -50, bytes[k + 1] == 0 {
                strokes.append([])
            } else {
                strokes[strokes.count - 1].append((bytes[k], bytes[k + 1]))
            }
        }
        return Glyph(left: bytes[0], right: bytes[1], strokes: strokes.filter { !$0.isEmpty })
    }

    /// The width of a text whose capital letters are 0.72 of `size` high, in the unit of `size`.
    static func width(_ text: String, size: Double) -> Double {
        text.reduce(0) {
            let g = glyph($1)
            return $0 + (g.right - g.left)
        } * scale(size)
    }

    static func scale(_ size: Double) -> Double { size * 0.72 / capital }

    /// The strokes of a text at its position.
    static func strokes(
        _ text: String, _ at: Drawing.Place, _ size: Double, _ anchor: Drawing.Anchor, _ isUpright: Bool
    ) -> [[Drawing.Place]] {
        let unit = scale(size)
        let long = width(text, size: size)
        var along = anchor == .start ? 0 : anchor == .middle ? -long / 2 : -long
        var strokes: [[Drawing.Place]] = []
        for sign in text {
            let glyph = glyph(sign)
            for stroke in glyph.strokes {
                strokes.append(
                    stroke.map { p in
                        // Hershey's ground line is 9 below its middle.
                        let (u, v) = (along + (p.x - glyph.left) * unit, (p.y - 9) * unit)
                        return isUpright
                            ? Drawing.Place(at.x + v, at.y - u) : Drawing.Place(at.x + u, at.y + v)
                    })
            }
            along += (glyph.right - glyph.left) * unit
        }
        return strokes
    }
}
