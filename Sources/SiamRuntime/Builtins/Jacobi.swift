import Glibc

func Glibc_exp(_ x: Double) -> Double { exp(x) }
func Glibc_log(_ x: Double) -> Double { log(x) }
