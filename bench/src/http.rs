//! A client of HTTP/1.1 that costs next to nothing: one kept connection, requests from prepared bytes.

use std::io::{self, IoSlice, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Longer than any answer takes that is worth waiting for.
const TIMEOUT: Duration = Duration::from_secs(120);
const HEAD_BYTES_MAX: usize = 16 * 1024;

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// Its status code.
    pub status: u16,
    /// Seconds of `Retry-After`, if the server asks for patience.
    pub retry_after_seconds: Option<u64>,
    /// Its body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as JSON.
    ///
    /// # Errors
    /// If the answer is no success, or no JSON.
    pub fn json(&self) -> anyhow::Result<serde_json::Value> {
        anyhow::ensure!(
            (200..300).contains(&self.status),
            "{}: {}",
            self.status,
            String::from_utf8_lossy(&self.body)
        );
        Ok(serde_json::from_slice(&self.body)?)
    }
}

/// A connection that is kept.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
}

impl Connection {
    /// Connects.
    ///
    /// # Errors
    /// If nobody listens there.
    pub fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect_timeout(&address, Duration::from_secs(5))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        stream.set_write_timeout(Some(TIMEOUT))?;
        Ok(Self {
            stream,
            received: Vec::with_capacity(HEAD_BYTES_MAX),
        })
    }

    /// Sends a request whose head is complete (with the empty line) and reads the answer.
    ///
    /// # Errors
    /// If the connection breaks; it is of no use then.
    pub fn exchange(&mut self, head: &[u8], body: &[u8]) -> io::Result<Answer> {
        let mut slices = [IoSlice::new(head), IoSlice::new(body)];
        let mut rest = &mut slices[..];
        while !rest.is_empty() {
            match self.stream.write_vectored(rest) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => IoSlice::advance_slices(&mut rest, written),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.read_answer()
    }

    fn read_answer(&mut self) -> io::Result<Answer> {
        self.received.clear();
        let head_end = loop {
            if let Some(at) = self.received.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                break at + 4;
            }
            if self.received.len() > HEAD_BYTES_MAX {
                return Err(io::Error::other("the answer's head does not end"));
            }
            self.read_some()?;
        };
        let head = std::str::from_utf8(&self.received[..head_end]).map_err(io::Error::other)?;
        let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
        let status: u16 = status.ok_or_else(|| io::Error::other("no status line"))?;
        let length = match header(head, "content-length") {
            Some(length) => length.parse().map_err(io::Error::other)?,
            None if status == 204 => 0,
            None => return Err(io::Error::other("an answer without Content-Length")),
        };
        let retry_after_seconds = header(head, "retry-after").and_then(|text| text.parse().ok());
        while self.received.len() < head_end + length {
            self.read_some()?;
        }
        let body = self.received[head_end..head_end + length].to_vec();
        Ok(Answer {
            status,
            retry_after_seconds,
            body,
        })
    }

    fn read_some(&mut self) -> io::Result<()> {
        let mut chunk = [0; 4096];
        match self.stream.read(&mut chunk)? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            count => {
                self.received.extend_from_slice(&chunk[..count]);
                Ok(())
            }
        }
    }
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().skip(1).find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

/// The head of a request. `extra` holds whole lines, each with its line break.
pub fn head(method: &str, path: &str, key: &str, extra: &str, body_bytes: usize) -> Vec<u8> {
    format!(
        "{method} {path} HTTP/1.1\r\nhost: tacho\r\nauthorization: Bearer {key}\r\n{extra}content-length: {body_bytes}\r\n\r\n"
    )
    .into_bytes()
}

/// The head of a request of records as NDJSON.
pub fn records_head(key: &str, is_gzip: bool, body_bytes: usize) -> Vec<u8> {
    let encoding = if is_gzip { "content-encoding: gzip\r\n" } else { "" };
    head(
        "POST",
        "/api/v1/records",
        key,
        &format!("content-type: application/x-ndjson\r\n{encoding}"),
        body_bytes,
    )
}
