// Has goroutines and threads, none of which has anything to do.
package main

import (
	"fmt"
	"os"
	"runtime"
)

func main() {
	never := make(chan int)
	for i := 0; i < 5; i++ {
		go func(isLocked bool) {
			if isLocked {
				runtime.LockOSThread()
			}
			<-never
		}(i < 2)
	}
	fmt.Println("ready")
	os.Stdin.Read(make([]byte, 1))
}
