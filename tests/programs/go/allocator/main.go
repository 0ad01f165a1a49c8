// Allocates known numbers of known types whenever a line comes in, and counts them itself:
// (the line "time" asks what an allocation takes, "spin" for allocations without end)
// between an object of type begin and one of type end, runtime.MemStats.Mallocs goes up by
// what it writes. Some are made by threads that begin meanwhile, by deep stacks, and by
// goroutines whose stacks grow.
package main

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"sync"
	"time"
)

type begin struct{ word [2]uint64 }
type end struct{ word [2]uint64 }
type small struct{ next *small }
type middle struct {
	next *middle
	body [120]byte
}
type large struct {
	next *large
	body [100 << 10]byte
}
type deep struct{ word [4]uint64 }

var (
	keepBegin  *begin
	keepEnd    *end
	keepSmall  *small
	keepMiddle *middle
	keepLarge  *large
	keepDeep   *deep
	keepBytes  []byte
	keepString string
)

//go:noinline
func descend(depth int) {
	var room [256]byte
	if depth > 0 {
		descend(depth - 1)
		keepBytes = room[:0:0]
		return
	}
	keepDeep = &deep{}
}

//go:noinline
func makeSmall(count int) {
	for i := 0; i < count; i++ {
		keepSmall = &small{}
	}
}

// Each on a thread of its own.
func onThreads(threads, count int) {
	var wait sync.WaitGroup
	for i := 0; i < threads; i++ {
		wait.Add(1)
		go func() {
			runtime.LockOSThread()
			for j := 0; j < count; j++ {
				keepMiddle = &middle{}
			}
			wait.Done()
		}()
	}
	wait.Wait()
}

func work() {
	makeSmall(1000)
	onThreads(4, 250)
	for i := 0; i < 20; i++ {
		keepLarge = &large{}
	}
	for i := 0; i < 100; i++ {
		keepBytes = make([]byte, 1+i)
		keepString = string(keepBytes)
	}
	for i := 0; i < 5; i++ {
		done := make(chan bool)
		go func() {
			descend(100)
			done <- true
		}()
		<-done
	}
	runtime.GC()
}

// Of one small allocation, the least of ten tries.
func nanosecondsEach() (least int64) {
	const count = 20000
	for try := 0; try < 10; try++ {
		start := time.Now()
		makeSmall(count)
		each := time.Since(start).Nanoseconds() / count
		if try == 0 || each < least {
			least = each
		}
	}
	return least
}

func main() {
	var before, after runtime.MemStats
	input := bufio.NewScanner(os.Stdin)
	fmt.Println("ready")
	for input.Scan() {
		switch input.Text() {
		case "spin":
			for {
				makeSmall(1000)
			}
		case "time":
			fmt.Println(nanosecondsEach())
			continue
		}
		runtime.ReadMemStats(&before)
		keepBegin = &begin{}
		work()
		keepEnd = &end{}
		runtime.ReadMemStats(&after)
		fmt.Println(after.Mallocs - before.Mallocs)
	}
}
