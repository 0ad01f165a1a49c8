// The Rust counterpart of shares.c: a generic function, a trait method and a closure that
// take 60, 30 and 10 percent of the time.
use std::env;

#[repr(C)]
struct Timespec {
    seconds: i64,
    nanoseconds: i64,
}

extern "C" {
    fn clock_gettime(clock: i32, out: *mut Timespec) -> i32;
}

const PROCESS_CLOCK: i32 = 2;
const THREAD_CLOCK: i32 = 3;

fn now(clock: i32) -> i64 {
    let mut time = Timespec { seconds: 0, nanoseconds: 0 };
    unsafe { clock_gettime(clock, &mut time) };
    time.seconds * 1_000_000_000 + time.nanoseconds
}

#[inline(always)]
fn mix(x: u64, steps: u64) -> u64 {
    (0..steps).fold(x, |x, i| (x ^ x >> 29).wrapping_mul(0xbf58476d1ce4e5b9).wrapping_add(i))
}

#[inline(never)]
fn heavy<T: Into<u64>>(x: u64, n: T) -> u64 {
    mix(x + 1, 6 * n.into())
}

trait Work {
    fn medium(&self, x: u64) -> u64;
}

struct Steps(u64);

impl Work for Steps {
    #[inline(never)]
    fn medium(&self, x: u64) -> u64 {
        mix(x + 2, 3 * self.0)
    }
}

#[inline(never)]
fn light(x: u64, n: u64) -> u64 {
    mix(x + 3, n)
}

fn main() {
    let seconds: f64 = env::args().nth(1).and_then(|s| s.parse().ok()).unwrap_or(1.0);
    let end = now(THREAD_CLOCK) + (seconds * 1e9) as i64;
    let (mut heavy_ns, mut medium_ns, mut light_ns) = (0, 0, 0);
    let mut x: u64 = 1;

    while now(THREAD_CLOCK) < end {
        let n = 100000 + (x >> 7) % 100000;
        let a = now(THREAD_CLOCK);
        x = heavy(x >> 1, n);
        let b = now(THREAD_CLOCK);
        x = Steps(n).medium(x >> 1);
        let c = now(THREAD_CLOCK);
        x = light(x >> 1, n);
        let d = now(THREAD_CLOCK);
        heavy_ns += b - a;
        medium_ns += c - b;
        light_ns += d - c;
    }
    println!("truth heavy {heavy_ns}");
    println!("truth medium {medium_ns}");
    println!("truth light {light_ns}");
    println!("result {x}");
    println!("truth total {}", now(PROCESS_CLOCK));
}
