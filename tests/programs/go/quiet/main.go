// Allocates, waits and fights for a mutex for ever, and never asks for a profile of that:
// the linker leaves out what would.
package main

import (
	"fmt"
	"sync"
	"time"
)

var kept [256][]byte

//go:noinline
func spend(i int) { kept[i%len(kept)] = make([]byte, 32<<10) }

//go:noinline
func await(ch chan int) { <-ch }

//go:noinline
func hold(mu *sync.Mutex) {
	mu.Lock()
	time.Sleep(time.Millisecond)
	mu.Unlock()
}

func main() {
	ch := make(chan int)
	var mu sync.Mutex
	for i := 0; i < 3; i++ {
		go func() {
			// While a queue for a mutex is never empty, the runtime hands on
			// that nobody in it was sampled, even if sampling is on by now.
			for {
				hold(&mu)
				time.Sleep(5 * time.Millisecond)
			}
		}()
	}
	go func() {
		for {
			await(ch)
		}
	}()
	fmt.Println("ready")
	for i := 0; ; i++ {
		spend(i)
		time.Sleep(time.Millisecond)
		ch <- i
	}
}
