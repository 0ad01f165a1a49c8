// Goroutines that are leaked, in functions called leak..., and goroutines that wait for
// what may still happen, in functions called live.... Told to by an empty line, it prints
// what the runtime itself takes for leaked, where it knows that; told "grow", it leaks
// five more.
package main

import (
	"bufio"
	"fmt"
	"os"
	"runtime/pprof"
	"sync"
	"time"
)

type box struct {
	mutex sync.Mutex
	group sync.WaitGroup
	rw    sync.RWMutex
	ch    chan int
	next  *box
	pad   [40]int
}

var (
	global      = make(chan int)
	globalMutex sync.Mutex
	globalBox   = &box{ch: make(chan int)}
	registry    = map[string]*box{}
)

//go:noinline
func leakReceive(c chan int) { <-c }

//go:noinline
func leakSend(c chan int) { c <- 1 }

//go:noinline
func leakSelect(a, b chan int) {
	select {
	case <-a:
	case b <- 1:
	}
}

//go:noinline
func leakNil() { var c chan int; <-c }

//go:noinline
func leakForever() { select {} }

//go:noinline
func leakMutex(b *box) { b.mutex.Lock(); b.mutex.Lock() }

//go:noinline
func leakGroup(b *box) { b.group.Wait() }

//go:noinline
func leakRead(b *box) { b.rw.RLock() }

// Each waits for the other.
//
//go:noinline
func leakCircle(a, b chan int) { <-a; b <- 1 }

//go:noinline
func liveGlobal() { <-global }

//go:noinline
func liveMutex() { globalMutex.Lock() }

//go:noinline
func liveBox(c chan int) { <-c }

//go:noinline
func liveMap(b *box) { b.group.Wait() }

//go:noinline
func liveTimer() { <-time.After(time.Hour) }

//go:noinline
func liveSleep() { time.Sleep(time.Hour) }

// The receiver can be woken by the sender, which waits for the global channel.
//
//go:noinline
func liveChain(c chan int) { <-c }

//go:noinline
func liveSender(c chan int) { <-global; c <- 1 }

//go:noinline
func liveDeep(b *box) { <-b.next.next.ch }

func start() {
	go leakReceive(make(chan int))
	go leakSend(make(chan int))
	go leakSelect(make(chan int), make(chan int))
	go leakNil()
	go leakForever()
	go leakMutex(&box{})
	group := &box{}
	group.group.Add(1)
	go leakGroup(group)
	rw := &box{}
	rw.rw.Lock()
	go leakRead(rw)
	a, b := make(chan int), make(chan int)
	go leakCircle(a, b)
	go leakCircle(b, a)

	globalMutex.Lock()
	go liveGlobal()
	go liveMutex()
	go liveBox(globalBox.ch)
	registry["x"] = &box{}
	registry["x"].group.Add(1)
	go liveMap(registry["x"])
	go liveTimer()
	go liveSleep()
	chain := make(chan int)
	go liveChain(chain)
	go liveSender(chain)
	globalBox.next = &box{next: &box{ch: make(chan int)}}
	go liveDeep(globalBox)
}

//go:noinline
func growFast() {
	for i := 0; i < 3; i++ {
		go leakReceive(make(chan int))
	}
}

//go:noinline
func growSlow() {
	for i := 0; i < 2; i++ {
		go leakReceive(make(chan int))
	}
}

// Overwrites what start has left on the stack.
//
//go:noinline
func scrub(n int) int {
	var local [64]int
	if n > 0 {
		local[n%64] = scrub(n - 1)
	}
	return local[n%64]
}

func main() {
	start()
	time.Sleep(200 * time.Millisecond)
	scrub(20)
	fmt.Println("ready")
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		if lines.Text() == "grow" {
			growFast()
			growSlow()
			time.Sleep(200 * time.Millisecond)
			scrub(20)
			fmt.Println("grown")
			continue
		}
		if own := pprof.Lookup("goroutineleak"); own != nil {
			own.WriteTo(os.Stdout, 1)
		}
		fmt.Println("end", len(registry))
	}
}
