// Goroutines in C: blocked there, called back from there, and threads of C's own. On
// SIGUSR1 it writes what runtime.Stack says to the file named by its first argument.
package main

/*
#cgo LDFLAGS: -lpthread
#include <pthread.h>
#include <unistd.h>

extern int fromC(int depth);

static int intoGo(int depth)
{
	return fromC(depth) + 1;
}

static void block(void)
{
	for (;;)
		pause();
}

static void *thread(void *unused)
{
	fromC(0);
	return unused;
}

static void start_thread(void)
{
	pthread_t id;

	pthread_create(&id, 0, thread, 0);
}
*/
import "C"

import (
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"time"
)

var never = make(chan int)

//export fromC
func fromC(depth C.int) C.int {
	if depth == 0 {
		<-never
	}
	return C.intoGo(depth-1) + 1
}

func write(path string) {
	buffer := make([]byte, 1<<20)
	n := runtime.Stack(buffer, true)
	os.WriteFile(path+".new", buffer[:n], 0o644)
	os.Rename(path+".new", path)
}

func main() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGUSR1)
	go C.block()
	go C.intoGo(0)
	go C.intoGo(3)
	C.start_thread()
	time.Sleep(300 * time.Millisecond)
	fmt.Println("ready")
	for range signals {
		write(os.Args[1])
	}
}
