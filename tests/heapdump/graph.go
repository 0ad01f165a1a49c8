// Builds object graphs of known shape and writes its heap dump, twice: the second one after
// the list has grown by 100 nodes and some memory was allocated and forgotten.
package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
)

type node struct { // 64 bytes
	next *node
	pad  [7]uint64
}

type tree struct { // 96 bytes
	left, right *tree
	pad         [10]uint64
}

type ring struct { // 128 bytes
	next, prev *ring
	pad        [14]uint64
}

type leaf struct { // 208 bytes
	bytes [26]uint64
}

type finalized struct { // 176 bytes
	to  *leaf
	pad [21]uint64
}

type shaper interface{ area() int }

func (l *leaf) area() int { return int(l.bytes[0]) }

var (
	listHead *node
	treeRoot *tree
	ringHead *ring
	shape    shaper
	anything interface{}
	table    map[string]*leaf
	queue    chan *leaf
	slice    []*leaf
	inner    *uint64 // into the middle of a leaf
)

func makeTree(depth int) *tree {
	if depth == 0 {
		return nil
	}
	return &tree{left: makeTree(depth - 1), right: makeTree(depth - 1)}
}

//go:noinline
func growList(n int) {
	for i := 0; i < n; i++ {
		listHead = &node{next: listHead}
	}
}

//go:noinline
func makeRing(n int) {
	ringHead = &ring{}
	ringHead.next, ringHead.prev = ringHead, ringHead
	for i := 1; i < n; i++ {
		r := &ring{next: ringHead.next, prev: ringHead}
		ringHead.next.prev = r
		ringHead.next = r
	}
}

//go:noinline
func makeShape() { shape = &leaf{} }

//go:noinline
func makeFinalized() {
	f := &finalized{to: &leaf{}}
	anything = f
	runtime.SetFinalizer(f, func(f *finalized) {})
}

//go:noinline
func makeInner() { inner = &(&leaf{}).bytes[7] }

//go:noinline
func makeTable() {
	table = map[string]*leaf{}
	for i := 0; i < 50; i++ {
		table[fmt.Sprint("key", i)] = &leaf{}
	}
}

//go:noinline
func makeQueue() {
	queue = make(chan *leaf, 20)
	for i := 0; i < 20; i++ {
		queue <- &leaf{}
	}
}

//go:noinline
func makeSlice() {
	slice = make([]*leaf, 30)
	for i := range slice {
		slice[i] = &leaf{}
	}
}

//go:noinline
func makeHeld() *leaf { return &leaf{} }

func parked(ready chan<- bool, hold *leaf) {
	ready <- true
	select {
	case <-make(chan bool):
	}
	runtime.KeepAlive(hold)
}

// A chain of 40 that nobody holds when this returns.
//
//go:noinline
func makeGarbage() {
	var last *ring
	for i := 0; i < 40; i++ {
		last = &ring{next: last}
	}
	runtime.KeepAlive(last)
}

func writeDump(path string) {
	f, err := os.Create(path)
	if err != nil {
		panic(err)
	}
	debug.WriteHeapDump(f.Fd())
	f.Close()
}

func main() {
	runtime.MemProfileRate = 1
	growList(1000)
	treeRoot = makeTree(10)
	makeRing(100)
	makeShape()
	makeFinalized()
	makeInner()
	makeTable()
	makeQueue()
	makeSlice()
	ready := make(chan bool)
	go parked(ready, makeHeld())
	<-ready
	runtime.GC()
	debug.SetGCPercent(-1)
	writeDump(os.Args[1])
	growList(100)
	makeGarbage()
	writeDump(os.Args[2])
	if len(os.Args) > 3 {
		fmt.Println("ready")
		os.Stdin.Read(make([]byte, 1))
	}
}
