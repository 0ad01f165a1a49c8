// Many goroutines: "crowd N" parks N of them; "crowd N churn" keeps N of them running and
// parking, in call chains that never mix: a stack with functions of both is torn.
package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
	"strconv"
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
	// Tells for the bench: how long its own dump takes.
	line := ""
	for {
		if _, err := fmt.Scanln(&line); err != nil {
			select {}
		}
		start := time.Now()
		file, _ := os.Create(line)
		pprof.Lookup("goroutine").WriteTo(file, 2)
		size, _ := file.Seek(0, 1)
		file.Close()
		fmt.Println(time.Since(start).Seconds(), size)
	}
}
