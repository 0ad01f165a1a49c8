//go:build go1.23

package main

import "iter"

func numbers(yield func(int) bool) {
	for i := 0; yield(i); i++ {
	}
}

// A coroutine between two pulls.
func more() {
	next, _ := iter.Pull(iter.Seq[int](numbers))
	next()
	go func() {
		other, stop := iter.Pull(iter.Seq[int](numbers))
		defer stop()
		other()
		<-never
	}()
}
