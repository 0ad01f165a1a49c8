// Toils: goroutines that allocate, hand values on, fight for a mutex, sleep and make system
// calls, and two hundred that wait. Each line on its input is answered by how many rounds
// of work were done since the last.
package main

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

var rounds int64
var kept [64][]byte

//go:noinline
func allocate(i int) { kept[i%len(kept)] = make([]byte, 200+i%5000) }

func pass(in, out chan int) {
	for v := range in {
		out <- v + 1
	}
}

func fight(mutex *sync.Mutex) {
	for {
		mutex.Lock()
		time.Sleep(100 * time.Microsecond)
		mutex.Unlock()
		time.Sleep(time.Millisecond)
	}
}

func call(null *os.File) {
	for {
		null.Write([]byte("x"))
		time.Sleep(200 * time.Microsecond)
	}
}

func work(to, from chan int) {
	for i := 0; ; i++ {
		for j := 0; j < 20; j++ {
			allocate(i + j)
		}
		to <- i
		<-from
		atomic.AddInt64(&rounds, 1)
		if i%64 == 0 {
			runtime.Gosched()
		}
	}
}

func main() {
	null, _ := os.OpenFile("/dev/null", os.O_WRONLY, 0)
	mutex := &sync.Mutex{}
	never := make(chan int)
	for i := 0; i < 200; i++ {
		go func() { <-never }()
	}
	for i := 0; i < 4; i++ {
		go fight(mutex)
		go call(null)
	}
	to, from := make(chan int), make(chan int)
	go pass(to, from)
	go work(to, from)
	fmt.Println("ready")
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		fmt.Println(atomic.SwapInt64(&rounds, 0))
	}
}
