// Goroutines that use known shares of the time, under labels: "worker" for good, "phase"
// changing every few milliseconds. Profiles itself until SIGUSR1, then tells who is who.
//
// usage: labels TRUTH PROFILE
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync"
	"syscall"
	"time"
)

var sink [4]uint64

//go:noinline
func burn(slot, units int) {
	x := sink[slot]
	for i := 0; i < units*1000000; i++ {
		x = x*6364136223846793005 + 1442695040888963407
	}
	sink[slot] = x
}

// The clock is read on the thread's own stack, not on the goroutine's.
//
//go:noinline
func burnClock(slot, units int) {
	for i := 0; i < units*25000; i++ {
		sink[slot] += uint64(time.Now().Nanosecond())
	}
}

func id() string {
	var stack [64]byte
	return strings.Fields(string(stack[:runtime.Stack(stack[:], false)]))[1]
}

//go:noinline
func much(context.Context) { burn(0, 12) }

//go:noinline
func little(context.Context) { burn(1, 4) }

//go:noinline
func long(context.Context) { burn(2, 6) }

//go:noinline
func short(context.Context) { burn(2, 2) }

//go:noinline
func phases(ctx context.Context) {
	pprof.Do(ctx, pprof.Labels("phase", "long"), long)
	pprof.Do(ctx, pprof.Labels("phase", "short"), short)
}

//go:noinline
func clock(context.Context) { burnClock(3, 4) }

// Each round all workers do their part, then wait for each other.
type round struct {
	work  func(ctx context.Context)
	label string
}

func main() {
	own, err := os.Create(os.Args[2])
	if err != nil {
		panic(err)
	}
	rounds := []round{{much, "much"}, {little, "little"}, {phases, "phases"}, {clock, "clock"}}
	var ids [4]string
	var started sync.WaitGroup
	start := make([]chan bool, len(rounds))
	done := make(chan bool)
	for i := range rounds {
		start[i] = make(chan bool)
		started.Add(1)
		go func(i int) {
			ids[i] = id()
			started.Done()
			pprof.Do(context.Background(), pprof.Labels("worker", rounds[i].label),
				func(ctx context.Context) {
					for range start[i] {
						rounds[i].work(ctx)
						done <- true
					}
				})
		}(i)
	}
	started.Wait()
	told := make(chan os.Signal, 1)
	signal.Notify(told, syscall.SIGUSR1)
	pprof.StartCPUProfile(own)
	fmt.Println("ready")
	for {
		for i := range start {
			start[i] <- true
		}
		for range start {
			<-done
		}
		select {
		case <-told:
			pprof.StopCPUProfile()
			own.Close()
			text := ""
			for i, r := range rounds {
				text += r.label + " " + ids[i] + "\n"
			}
			os.WriteFile(os.Args[1]+".new", []byte(text), 0o644)
			os.Rename(os.Args[1]+".new", os.Args[1])
		default:
		}
	}
}
