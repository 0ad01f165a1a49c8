// Many goroutines: "crowd N" parks N of them; "crowd N churn" keeps N of them running and
// parking, in call chains that never mix: a stack with functions of both is torn.
package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
	"strconv"
	"sync/atomic"
	"time"
)

var sink int

//go:noinline
func a1(c chan int, n int) int { return a2(c, n) + 1 }

//go:noinline
func a2(c chan int, n int) int {
	var local [6]int
	local[n%6] = a3(c, n)
	return local[(n+1)%6] + local[n%6]
}

//go:noinline
func a3(c chan int, n int) int { runtime.Gosched(); c <- n; return n }

//go:noinline
func b1(c chan int, n int) int {
	var local [4]int
	local[n%4] = b2(c, n)
	return local[n%4]
}

//go:noinline
func b2(c chan int, n int) int { return b3(c, n) + 2 }

//go:noinline
func b3(c chan int, n int) int { runtime.Gosched(); return <-c + n }

//go:noinline
func recurse(c chan int, n int) int {
	if n == 0 {
		return <-c
	}
	return recurse(c, n-1) + n
}

// Both sides of a channel, in turns.
func pair() {
	c := make(chan int)
	go func() {
		for i := 0; ; i++ {
			a1(c, i)
			b1(c, i)
		}
	}()
	go func() {
		for i := 0; ; i++ {
			b1(c, i)
			a1(c, i)
		}
	}()
}

func main() {
	n, _ := strconv.Atoi(os.Args[1])
	if len(os.Args) > 2 && os.Args[2] == "churn" {
		runtime.GOMAXPROCS(2)
		for i := 0; i < n/2; i++ {
			pair()
		}
		fmt.Println("ready")
		select {}
	}
	c := make(chan int)
	for i := 0; i < n; i++ {
		go recurse(c, i%8)
	}
	for runtime.NumGoroutine() < n {
		time.Sleep(time.Millisecond)
	}
	time.Sleep(200 * time.Millisecond)
	fmt.Println("ready")
	measure()
}

var longest, turns int64

// Never stops, and notes how long it was kept from going on.
func spinner() {
	last := time.Now()
	for {
		now := time.Now()
		if gap := int64(now.Sub(last)); gap > atomic.LoadInt64(&longest) {
			atomic.StoreInt64(&longest, gap)
		}
		atomic.AddInt64(&turns, 1)
		last = now
	}
}

// For the bench, a word a line: "spin" starts the spinner, "gap" tells its longest gap (ns)
// and turns since the last time, any other word is a file for the program's own dump, and
// tells its seconds and bytes.
func measure() {
	word := ""
	for {
		if _, err := fmt.Scanln(&word); err != nil {
			select {}
		}
		switch word {
		case "spin":
			go spinner()
			fmt.Println("spins")
		case "gap":
			fmt.Println(atomic.SwapInt64(&longest, 0), atomic.SwapInt64(&turns, 0))
		default:
			start := time.Now()
			file, _ := os.Create(word)
			pprof.Lookup("goroutine").WriteTo(file, 2)
			size, _ := file.Seek(0, 1)
			file.Close()
			fmt.Println(time.Since(start).Seconds(), size)
		}
	}
}
