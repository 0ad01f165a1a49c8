// Allocates, waits for channels and fights for mutexes by known amounts, then rests. On
// SIGUSR1 it writes what its own runtime says of that to files that begin with its
// argument: .memstats, then heap, allocs, block and mutex for debug 0 and 1, and last the
// name itself.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"strings"
	"sync"
	"syscall"
	"time"
)

var kept [][]byte
var texts []string
var table = map[string]*node{}

type node struct {
	next *node
	data [40]byte
}

type maker interface{ make(n int) []byte }
type small struct{ extra int }
type large struct{ small }

func (s small) make(n int) []byte { return make([]byte, n+s.extra) }

func inlined(n int) []byte { return inlinedTwice(n) }

func inlinedTwice(n int) []byte { return make([]byte, n) }

//go:noinline
func deep(n, size int) []byte {
	if n == 0 {
		return inlined(size)
	}
	return deep(n-1, size)
}

//go:noinline
func through(m maker, n int) []byte { return m.make(n) }

func allocate() {
	var chain *node
	for i := 0; i < 400; i++ {
		kept = append(kept, deep(i%7, 512+i), through(small{1}, 300), through(&large{}, 3000))
		chain = &node{next: chain}
		key := fmt.Sprint("key ", i)
		table[key] = chain
		texts = append(texts, strings.Repeat(key, 20))
		func() { kept = append(kept, append([]byte(nil), key...)) }()
	}
	kept = append(kept, make([]byte, 3<<20))
	for i := 0; i < 4; i++ {
		kept = append(kept, deep(200, 1<<15))
	}
	for i := 0; i < 200; i++ {
		_ = deep(2, 1<<14)
	}
	kept = kept[:len(kept)/2]
}

func wait() {
	ch := make(chan int)
	for i := 0; i < 10; i++ {
		time.AfterFunc(5*time.Millisecond, func() { ch <- 1 })
		<-ch
	}
	for i := 0; i < 5; i++ {
		select {
		case <-ch:
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func fight() {
	var mu sync.Mutex
	var rw sync.RWMutex
	var group sync.WaitGroup
	for i := 0; i < 4; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			func() {
				mu.Lock()
				defer mu.Unlock()
				time.Sleep(5 * time.Millisecond)
			}()
			rw.Lock()
			time.Sleep(2 * time.Millisecond)
			rw.Unlock()
		}()
	}
	group.Wait()
}

var stats runtime.MemStats

func write(name string, content []byte) {
	if err := os.WriteFile(name, content, 0o600); err != nil {
		panic(err)
	}
}

func tell(path string) {
	runtime.ReadMemStats(&stats)
	text, _ := json.Marshal(&stats)
	write(path+".memstats", text)
	for _, kind := range []string{"heap", "allocs", "block", "mutex"} {
		for level := 0; level < 2; level++ {
			file, err := os.Create(fmt.Sprintf("%s.%s.%d", path, kind, level))
			if err != nil {
				panic(err)
			}
			if err := pprof.Lookup(kind).WriteTo(file, level); err != nil {
				panic(err)
			}
			file.Close()
		}
	}
	write(path+".new", nil)
	os.Rename(path+".new", path)
}

func init() { runtime.MemProfileRate = 2048 }

func main() {
	runtime.SetBlockProfileRate(1)
	runtime.SetMutexProfileFraction(1)
	allocate()
	wait()
	fight()
	runtime.SetBlockProfileRate(0)
	for i := 0; i < 3; i++ {
		runtime.GC()
	}
	debug.SetGCPercent(400)
	// Written once before, so that most of what that needs is there already.
	tell(os.Args[1] + ".first")
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGUSR1)
	runtime.GC()
	// So that nothing is left to give back to the system while it rests.
	debug.FreeOSMemory()
	fmt.Println("ready")
	for range signals {
		tell(os.Args[1])
	}
}
