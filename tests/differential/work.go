// Command work does a little of everything that Go can profile and writes one profile of
// each kind into the folder given. It builds with every Go since 1.18.
package main

import (
	"bytes"
	"compress/flate"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"sort"
	"strings"
	"sync"
	"time"
)

type shape interface{ area(n int) float64 }

type square struct{ side float64 }

func (s *square) area(n int) float64 { return small(s.side, n) * s.side }

func small(a float64, n int) float64 {
	for i := 0; i < n; i++ {
		a += tiny(a, i)
	}
	return a
}

func tiny(a float64, i int) float64 { return a / float64(i+3) }

func generic[T int | float64](values []T) (sum T) {
	for _, v := range values {
		sum += v * v
	}
	return sum
}

func fib(n int) int {
	if n < 2 {
		return n
	}
	return fib(n-1) + fib(n-2)
}

func even(n int) bool {
	if n == 0 {
		return fib(18) > 0
	}
	return odd(n - 1)
}

func odd(n int) bool {
	if n == 0 {
		return false
	}
	return even(n - 1)
}

func compress(text []byte) int {
	var out bytes.Buffer
	w, _ := flate.NewWriter(&out, 6)
	w.Write(text)
	w.Close()
	n, _ := io.Copy(io.Discard, flate.NewReader(&out))
	return int(n)
}

func encode(n int) int {
	m := map[string]interface{}{}
	for i := 0; i < n; i++ {
		m[fmt.Sprint("key", i)] = []int{i, i * 2, i * 3}
	}
	b, _ := json.Marshal(m)
	var back map[string]interface{}
	json.Unmarshal(b, &back)
	return len(back)
}

func sorted(n int) []string {
	words := make([]string, n)
	for i := range words {
		words[i] = fmt.Sprintf("%x", i*7919%n)
	}
	sort.Slice(words, func(a, b int) bool { return words[a] < words[b] })
	return words
}

var kept [][]byte

func keep(n int) {
	for i := 0; i < n; i++ {
		kept = append(kept, make([]byte, 1000+i*100))
	}
}

func busy(until time.Time, text []byte) {
	var s shape = &square{2}
	for time.Now().Before(until) {
		pprof.Do(context.Background(), pprof.Labels("kind", "math", "user", "ann"), func(context.Context) {
			s.area(200000)
			generic(make([]float64, 100000))
		})
		pprof.Do(context.Background(), pprof.Labels("kind", "recursion"), func(context.Context) {
			fib(24)
			even(20)
		})
		pprof.Do(context.Background(), pprof.Labels("kind", "text", "user", "bob"), func(context.Context) {
			compress(text)
			encode(300)
		})
		sorted(3000)
	}
}

func contend(until time.Time) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	ch := make(chan int)
	for i := 0; i < 4; i++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for time.Now().Before(until) {
				mu.Lock()
				time.Sleep(time.Millisecond)
				mu.Unlock()
				select {
				case ch <- 1:
				case <-time.After(time.Millisecond):
				}
			}
		}()
	}
	go func() {
		for range ch {
			time.Sleep(time.Millisecond)
		}
	}()
	wg.Wait()
}

func main() {
	dir := os.Args[1]
	runtime.MemProfileRate = 4096
	runtime.SetBlockProfileRate(1)
	runtime.SetMutexProfileFraction(1)
	cpu, err := os.Create(filepath.Join(dir, "cpu.pb.gz"))
	if err != nil {
		panic(err)
	}
	pprof.StartCPUProfile(cpu)
	until := time.Now().Add(1200 * time.Millisecond)
	text := []byte(strings.Repeat("the quick brown fox jumps over the lazy dog ", 4000))
	keep(200)
	go contend(until)
	go busy(until, text)
	busy(until, text)
	time.Sleep(20 * time.Millisecond)
	pprof.StopCPUProfile()
	cpu.Close()
	runtime.GC()
	for _, name := range []string{"heap", "allocs", "block", "mutex", "goroutine", "threadcreate"} {
		f, _ := os.Create(filepath.Join(dir, name+".pb.gz"))
		pprof.Lookup(name).WriteTo(f, 0)
		f.Close()
	}
}
