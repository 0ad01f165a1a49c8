// A goroutine of every kind, for readers from outside. On SIGUSR1 the program writes what
// runtime.Stack says of them to the file named by its first argument, and what
// runtime/pprof does to the same with ".0" and ".1" behind it. "spin" keeps one running.
package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/signal"
	"runtime"
	"runtime/pprof"
	"sync"
	"syscall"
	"time"
)

var (
	mutex   sync.Mutex
	rwmutex sync.RWMutex
	group   sync.WaitGroup
	cond    = sync.NewCond(new(sync.Mutex))
	never   = make(chan int)
	sink    int
)

type pair struct {
	a, b int
	name string
}

type waiter interface{ wait(p pair, depth int) int }

type byValue struct{ c chan int }

func (b byValue) wait(p pair, depth int) int { return receive(b.c, p, depth) }

//go:noinline
func receive(c chan int, p pair, depth int) int { return <-c + p.a + depth }

//go:noinline
func deep(n int, bytes []byte, f float64) int {
	if n == 0 {
		return <-never
	}
	return deep(n-1, bytes, f) + n
}

func small(c chan int) int  { return <-c + 1 }
func middle(c chan int) int { return small(c) + 1 }

//go:noinline
func inlined(c chan int) int { return middle(c) + 1 }

//go:noinline
func many(a, b, c, d, e, f, g, h, i, j, k, l int, s string, any interface{}) int {
	return <-never + a + l
}

type list[T any] struct{ items []T }

//go:noinline
func (l *list[T]) take(c chan T) T { return <-c }

//go:noinline
func generic[K comparable, V any](m map[K]V, c chan V) V { return <-c }

func panics() {
	defer func() {
		recover()
		<-never
	}()
	var p *pair
	p.a = 1
}

func panicsInDefer() {
	defer func() { <-never }()
	panic("on purpose")
}

func locked() {
	runtime.LockOSThread()
	<-never
}

func labelled() {
	labels := pprof.Labels("request", "a 1", "user", "bob", "path", "/x/y.z")
	pprof.Do(context.Background(), labels, func(context.Context) {
		go func() { <-never }()
		<-never
	})
}

func syscalls() {
	fds := make([]int, 2)
	syscall.Pipe(fds)
	buffer := make([]byte, 8)
	syscall.Read(fds[0], buffer)
}

//go:noinline
func turn(n int) int {
	if n > 0 {
		return turn(n-1) + 1
	}
	for i := 0; i < 1000000; i++ {
		sink += i & sink
	}
	return sink
}

func spin() {
	for {
		turn(5)
	}
}

func network() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return
	}
	go listener.Accept()
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err == nil {
		conn.Read(make([]byte, 1))
	}
}

func finalizers() {
	p := &pair{name: "finalized"}
	runtime.SetFinalizer(p, func(*pair) { <-never })
	p = nil
	runtime.GC()
	runtime.GC()
}

func start() {
	// Nobody receives from lonely, and nobody sends to one and never.
	one, lonely := make(chan int), make(chan int)
	mutex.Lock()
	rwmutex.Lock()
	group.Add(1)
	var nothing chan int
	var w waiter = byValue{one}
	go w.wait(pair{1, 2, "p"}, 3)
	go func() { lonely <- 1 }()
	go func() { <-nothing }()
	go func() { nothing <- 1 }()
	go func() { select {} }()
	go func() {
		select {
		case <-one:
		case lonely <- 2:
		}
	}()
	go deep(30, []byte("abc"), 1.5)
	go deep(180, nil, 2.5)
	go inlined(one)
	go many(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, "thirteen", 14)
	go (&list[string]{}).take(make(chan string))
	go generic(map[string]pair{}, make(chan pair))
	go generic(map[int]float64{}, make(chan float64))
	go panics()
	go panicsInDefer()
	go locked()
	go labelled()
	go syscalls()
	go network()
	go time.Sleep(time.Hour)
	go func() { <-time.After(time.Hour) }()
	go func() { mutex.Lock() }()
	go func() { rwmutex.RLock() }()
	go func() { rwmutex.Lock() }()
	go group.Wait()
	go func() {
		cond.L.Lock()
		cond.Wait()
	}()
	go func() {
		defer func() { <-never }()
		runtime.Goexit()
	}()
	finalizers()
	more()
}

func write(path string) {
	buffer := make([]byte, 16<<20)
	n := runtime.Stack(buffer, true)
	os.WriteFile(path+".new", buffer[:n], 0o644)
	os.Rename(path+".new", path)
}

func writeProfile(path, kind string, debug int) {
	file, _ := os.Create(path + ".new")
	pprof.Lookup(kind).WriteTo(file, debug)
	file.Close()
	os.Rename(path+".new", path)
}

func main() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGUSR1)
	start()
	if len(os.Args) > 2 && os.Args[2] == "spin" {
		go spin()
	}
	time.Sleep(300 * time.Millisecond)
	// The collector notes since when each goroutine waits.
	runtime.GC()
	fmt.Println("ready")
	for range signals {
		writeProfile(os.Args[1]+".threads", "threadcreate", 1)
		writeProfile(os.Args[1]+".0", "goroutine", 0)
		writeProfile(os.Args[1]+".1", "goroutine", 1)
		write(os.Args[1])
	}
}
