//go:build unix

package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"
)

// client gives up on a browser that hangs.
var client = &http.Client{Timeout: 2 * time.Minute}

// A browser is a headless chromium, driven through chromedriver by the
// protocol of W3C WebDriver.
type browser struct {
	t    *testing.T
	base string // URL of the session
}

// newBrowser starts a browser for the test. Without one the test is skipped,
// but with NATIVIZE_CI=1 it fails: there it must not go unnoticed.
func newBrowser(t *testing.T) *browser {
	t.Helper()
	driver, err1 := exec.LookPath("chromedriver")
	chromium, err2 := exec.LookPath("chromium")
	if err1 != nil || err2 != nil {
		if os.Getenv("NATIVIZE_CI") == "1" {
			t.Fatalf("no browser: %v, %v", err1, err2)
		}
		t.Skip("chromium and chromedriver are not installed")
	}
	port := freePort(t)
	cmd := exec.Command(driver, fmt.Sprintf("--port=%d", port))
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // so that its browsers end with it
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL); cmd.Wait() })
	root := fmt.Sprintf("http://127.0.0.1:%d", port)
	waitFor(t, root+"/status")
	b := &browser{t: t, base: root + "/session"}
	args := []string{"--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--hide-scrollbars", "--force-prefers-reduced-motion", "--user-data-dir=" + t.TempDir()}
	var session struct {
		SessionID string `json:"sessionId"`
	}
	b.call("POST", "", map[string]any{"capabilities": map[string]any{"alwaysMatch": map[string]any{
		"goog:chromeOptions": map[string]any{"binary": chromium, "args": args}, "goog:loggingPrefs": map[string]string{"browser": "ALL"},
	}}}, &session)
	b.base += "/" + session.SessionID
	return b
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func waitFor(t *testing.T, url string) {
	t.Helper()
	for range 200 {
		if resp, err := http.Get(url); err == nil {
			resp.Body.Close()
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("no answer from %s", url)
}

// call sends one WebDriver command and stores its value in out.
func (b *browser) call(method, path string, in, out any) {
	b.t.Helper()
	var body io.Reader
	if method == "POST" {
		if in == nil {
			in = map[string]any{}
		}
		data, err := json.Marshal(in)
		if err != nil {
			b.t.Fatal(err)
		}
		body = bytes.NewReader(data)
	}
	req, err := http.NewRequest(method, b.base+path, body)
	if err != nil {
		b.t.Fatal(err)
	}
	resp, err := client.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK {
		b.t.Fatalf("%s %s: %s", method, path, data)
	}
	if out != nil {
		if err := json.Unmarshal(data, &struct{ Value any }{out}); err != nil {
			b.t.Fatal(err)
		}
	}
}

func (b *browser) open(url string) {
	b.t.Helper()
	b.call("POST", "/url", map[string]any{"url": url}, nil)
}

// eval runs the body of a function in the page and returns what it returns.
func (b *browser) eval(script string, out any) {
	b.t.Helper()
	b.call("POST", "/execute/sync", map[string]any{"script": script, "args": []any{}}, out)
}

// count is the number of elements that match and are displayed.
func (b *browser) count(selector string) int {
	b.t.Helper()
	var n int
	b.eval(fmt.Sprintf("return Array.from(document.querySelectorAll(%q)).filter(e => e.getClientRects().length > 0).length", selector), &n)
	return n
}

func (b *browser) text(selector string) string {
	b.t.Helper()
	var s string
	b.eval(fmt.Sprintf("return document.querySelector(%q).textContent", selector), &s)
	return s
}

func (b *browser) find(selector string) string {
	b.t.Helper()
	found := map[string]string{}
	b.call("POST", "/element", map[string]any{"using": "css selector", "value": selector}, &found)
	for _, id := range found {
		return "/element/" + id
	}
	return ""
}

func (b *browser) click(selector string) {
	b.t.Helper()
	b.call("POST", b.find(selector)+"/click", nil, nil)
}

func (b *browser) keys(selector, text string) {
	b.t.Helper()
	b.call("POST", b.find(selector)+"/value", map[string]any{"text": text}, nil)
}

// eventually waits until the script returns true.
func (b *browser) eventually(what, script string) {
	b.t.Helper()
	for range 100 {
		var ok bool
		if b.eval("return !!("+script+")", &ok); ok {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	b.t.Errorf("never: %s", what)
}

func (b *browser) size(width, height int) {
	b.t.Helper()
	b.call("POST", "/goog/cdp/execute", map[string]any{"cmd": "Emulation.setDeviceMetricsOverride", "params": map[string]any{
		"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}}, nil)
}

// console is what the page wrote to the console, violations of its policy too.
func (b *browser) console() []string {
	b.t.Helper()
	var entries []struct{ Level, Message string }
	b.call("POST", "/se/log", map[string]any{"type": "browser"}, &entries)
	var out []string
	for _, e := range entries {
		out = append(out, e.Level+": "+e.Message)
	}
	return out
}
