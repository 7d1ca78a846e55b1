import CommandLineInterface

Gyre.start()
