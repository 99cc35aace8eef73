module ric

go 1.19
