// A busy program that serves net/http/pprof on the address or Unix socket it is given.
package main

import (
	"fmt"
	"net"
	"net/http"
	_ "net/http/pprof"
	"os"
)

var sink [][]byte

//go:noinline
func burn(n uint64) uint64 {
	sum := uint64(1)
	for i := uint64(0); i < n; i++ {
		sum = sum*6364136223846793005 + i
	}
	return sum
}

func main() {
	listener, err := net.Listen(os.Args[1], os.Args[2])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for i := 0; i < 64; i++ {
		sink = append(sink, make([]byte, 1<<20))
	}
	go func() {
		for {
			burn(1 << 20)
		}
	}()
	fmt.Println(listener.Addr())
	http.Serve(listener, nil)
}
