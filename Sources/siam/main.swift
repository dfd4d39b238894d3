print("siam")
