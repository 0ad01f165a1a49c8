// The Go counterpart of shares.c: three functions that take 60, 30 and 10 percent of a
// thread, a function inlined into them, and a goroutine beside them.
package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"unsafe"
)

const (
	processClock = 2 // CLOCK_PROCESS_CPUTIME_ID
	threadClock  = 3 // CLOCK_THREAD_CPUTIME_ID
)

func now(clock uintptr) int64 {
	var t syscall.Timespec
	syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, clock, uintptr(unsafe.Pointer(&t)), 0)
	return t.Sec*1e9 + t.Nsec
}

// Small enough for the compiler to inline.
func mix(x, i uint64) uint64 {
	return (x^x>>29)*0xbf58476d1ce4e5b9 + i
}

//go:noinline
func heavy(x, n uint64) uint64 {
	for i := uint64(0); i < 6*n; i++ {
		x = mix(x, i)
	}
	return x
}

//go:noinline
func medium(x, n uint64) uint64 {
	for i := uint64(0); i < 3*n; i++ {
		x = mix(x, i)
	}
	return x
}

//go:noinline
func light(x, n uint64) uint64 {
	for i := uint64(0); i < n; i++ {
		x = mix(x, i)
	}
	return x
}

type worker struct {
	taken, budget int64
	x             uint64
}

//go:noinline
func (w *worker) step(n uint64) {
	for i := uint64(0); i < n; i++ {
		w.x = mix(w.x, i)
	}
}

func (w *worker) run(done chan<- bool) {
	runtime.LockOSThread()
	for w.taken < w.budget {
		at := now(threadClock)
		w.step(200000)
		w.taken += now(threadClock) - at
	}
	done <- true
}

func main() {
	runtime.LockOSThread()
	seconds := 1.0
	if len(os.Args) > 1 {
		seconds, _ = strconv.ParseFloat(os.Args[1], 64)
	}
	w := &worker{budget: int64(seconds * 1e9 / 4), x: 1}
	done := make(chan bool)
	go w.run(done)

	var heavyTime, mediumTime, lightTime int64
	x := uint64(1)
	for end := now(threadClock) + int64(seconds*1e9*3/4); now(threadClock) < end; {
		n := 100000 + x>>7%100000
		a := now(threadClock)
		x = heavy(x, n)
		b := now(threadClock)
		x = medium(x, n)
		c := now(threadClock)
		x = light(x, n)
		d := now(threadClock)
		heavyTime, mediumTime, lightTime = heavyTime+b-a, mediumTime+c-b, lightTime+d-c
	}
	<-done
	fmt.Println("truth heavy", heavyTime)
	fmt.Println("truth medium", mediumTime)
	fmt.Println("truth light", lightTime)
	fmt.Println("truth step", w.taken)
	fmt.Println("result", x+w.x)
	fmt.Println("truth total", now(processClock))
}
