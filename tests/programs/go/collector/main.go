// Makes garbage and collects it for ever: small and large collections, some of them asked
// for. GODEBUG=gctrace=1 makes it tell its own truth on stderr. With an argument it asks for
// one right after the other, several hundred a second.
package main

import (
	"fmt"
	"os"
	"runtime"
	"time"
)

type node struct {
	left, right *node
	body        [48]byte
}

func tree(depth int) *node {
	if depth == 0 {
		return &node{}
	}
	return &node{left: tree(depth - 1), right: tree(depth - 1)}
}

var kept *node
var waste []byte

func main() {
	kept = tree(16)
	fmt.Println("ready")
	for len(os.Args) > 1 {
		runtime.GC()
	}
	for i := 0; ; i++ {
		waste = make([]byte, 256<<10)
		if i%40 == 39 {
			kept = tree(12 + i/40%5)
		}
		if i%100 == 99 {
			runtime.GC()
		}
		time.Sleep(2 * time.Millisecond)
	}
}
