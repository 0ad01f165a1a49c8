// "buckets N": N stacks that have allocated and waited, so as many records of heap and block
// profiles. Each line on its input is answered by how long its own profiles of both take, in
// ns.
package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/pprof"
	"strconv"
	"time"
)

const depth = 14

var kept [][]byte
var turn = make(chan int)

//go:noinline
func left(bits, n int) { descend(bits, n) }

//go:noinline
func right(bits, n int) { descend(bits, n) }

// Each number takes a way of its own to the leaf.
func descend(bits, n int) {
	switch {
	case n == 0:
		leaf()
	case bits>>n&1 == 1:
		right(bits, n-1)
	default:
		left(bits, n-1)
	}
}

//go:noinline
func leaf() {
	kept = append(kept, make([]byte, 64))
	<-turn
}

func own(name string) time.Duration {
	start := time.Now()
	pprof.Lookup(name).WriteTo(io.Discard, 0)
	return time.Since(start)
}

func main() {
	runtime.MemProfileRate = 1
	runtime.SetBlockProfileRate(1)
	n, _ := strconv.Atoi(os.Args[1])
	go func() {
		for {
			// Whoever comes has to wait.
			time.Sleep(10 * time.Microsecond)
			turn <- 1
		}
	}()
	for i := 0; i < n; i++ {
		descend(2*i, depth)
	}
	for i := 0; i < 3; i++ {
		runtime.GC()
	}
	fmt.Println("ready")
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		fmt.Println(own("heap").Nanoseconds(), own("block").Nanoseconds())
	}
}
