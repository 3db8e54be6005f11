//! A load generator: keep-alive connections that send one request after another.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A finished request, head and body.
pub fn request(method: &str, path: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = if body.is_empty() {
        String::new()
    } else {
        format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len())
    };
    format!("{method} {path} HTTP/1.1\r\nhost: bench\r\n{headers}{length}\r\n{body}").into_bytes()
}

/// Sends requests over `connections` for `seconds`; answers how many came back a second.
/// `next` makes the n-th request of a connection.
pub async fn run<F>(address: SocketAddr, connections: usize, seconds: u64, next: F) -> f64
where
    F: Fn(usize, usize) -> Vec<u8> + Clone + Send + 'static,
{
    // A thread of its own, as pgbench is a process of its own: the server's threads do not wait for it.
    let generator = std::thread::Builder::new().name("generator".into()).spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(send_all(address, connections, seconds, next))
    });
    let generator = generator.expect("a thread can be made");
    tokio::task::spawn_blocking(move || generator.join().expect("no connection failed")).await.expect("it ends")
}

async fn send_all<F>(address: SocketAddr, connections: usize, seconds: u64, next: F) -> f64
where
    F: Fn(usize, usize) -> Vec<u8> + Clone + Send + 'static,
{
    let began = Instant::now();
    let until = began + Duration::from_secs(seconds);
    let mut tasks = Vec::new();
    for connection in 0..connections {
        let next = next.clone();
        tasks.push(tokio::spawn(async move {
            let mut stream = TcpStream::connect(address).await.expect("the server is there");
            stream.set_nodelay(true).expect("an option that always works");
            let mut buffer = Vec::with_capacity(64 * 1024);
            let mut count = 0_usize;
            while Instant::now() < until {
                stream.write_all(&next(connection, count)).await.expect("the server takes it");
                let status = answer(&mut stream, &mut buffer).await;
                assert!((200..300).contains(&status), "answered {status}: {}", String::from_utf8_lossy(&buffer));
                count += 1;
            }
            count
        }));
    }
    let mut total = 0;
    for task in tasks {
        total += task.await.expect("no connection failed");
    }
    total as f64 / began.elapsed().as_secs_f64()
}

/// Asks for each of these paths, one after the other over one connection; answers how long each
/// took.
pub async fn latencies(address: SocketAddr, paths: Vec<String>, headers: String) -> Vec<Duration> {
    let mut stream = TcpStream::connect(address).await.expect("the server is there");
    stream.set_nodelay(true).expect("an option that always works");
    let mut buffer = Vec::with_capacity(64 * 1024);
    let mut times = Vec::with_capacity(paths.len());
    for path in paths {
        let wanted = request("GET", &path, &headers, "");
        let began = Instant::now();
        stream.write_all(&wanted).await.expect("the server takes it");
        let status = answer(&mut stream, &mut buffer).await;
        times.push(began.elapsed());
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&buffer));
    }
    times
}

/// Reads one answer into `buffer` and gives its status.
pub async fn answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> u16 {
    buffer.clear();
    let (mut head, mut wanted) = (0, usize::MAX);
    loop {
        let read = stream.read_buf(buffer).await.expect("the server answers");
        assert!(read > 0, "the server hung up");
        if head == 0
            && let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n")
        {
            head = end + 4;
            let text = std::str::from_utf8(&buffer[..end]).expect("a head is text");
            let mut headers = text.lines().filter_map(|line| line.split_once(':'));
            let length = headers.find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
            wanted = head + length.map_or(0, |(_, length)| length.trim().parse::<usize>().expect("a number"));
        }
        if buffer.len() >= wanted {
            return std::str::from_utf8(&buffer[9..12]).ok().and_then(|code| code.parse().ok()).unwrap_or(0);
        }
    }
}
