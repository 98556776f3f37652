package pack

import (
	"archive/tar"
	"bufio"
	"bytes"
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp"
	pgparmor "github.com/ProtonMail/go-crypto/openpgp/armor"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
	"github.com/klauspost/compress/gzip"

	"github.com/nativize/nativize/convert/plan"
)

// keyConfig makes keys that are older than the sample package.
func keyConfig(algo packet.PublicKeyAlgorithm) *packet.Config {
	return &packet.Config{
		Algorithm: algo, RSABits: 2048, DefaultHash: crypto.SHA256,
		Time: func() time.Time { return time.Unix(1600000000, 0) },
	}
}

// pgpPair returns a private key, locked when there is a passphrase, and the
// public one, both in armor.
func pgpPair(t testing.TB, algo packet.PublicKeyAlgorithm, passphrase string) (private, public []byte) {
	t.Helper()
	e, err := openpgp.NewEntity("Ann Example", "", "ann@example.org", keyConfig(algo))
	if err != nil {
		t.Fatal(err)
	}
	public = enarmor(t, openpgp.PublicKeyType, e.Serialize)
	if passphrase != "" {
		if err := e.EncryptPrivateKeys([]byte(passphrase), nil); err != nil {
			t.Fatal(err)
		}
	}
	return enarmor(t, openpgp.PrivateKeyType, func(w io.Writer) error { return e.SerializePrivateWithoutSigning(w, nil) }), public
}

func enarmor(t testing.TB, kind string, serialize func(io.Writer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := pgparmor.Encode(&b, kind, nil)
	if err == nil {
		err = errors.Join(serialize(w), w.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestSignedDeb checks the signature with gpg, over the members as debsigs does.
func TestSignedDeb(t *testing.T) {
	tool(t, "gpg", "ar")
	private, public := pgpPair(t, packet.PubKeyAlgoRSA, "open sesame")
	p, src := sample(t)
	opt := Options{Formats: []plan.Format{plan.Deb}, Sign: Signing{Deb: Key{Data: private, Passphrase: "open sesame"}}}
	file := build(t, p, src, opt)[plan.Deb].Path
	if l, err := Inspect(file); err != nil || !l.Signed {
		t.Fatalf("the listing is not signed: %v", err)
	}
	dir := t.TempDir()
	write(t, dir, "key.asc", string(public), 0o600)
	sh := `set -e; cd "$1"; export GNUPGHOME="$1/gpg"; mkdir -m 700 gpg
ar x "$2"; cat debian-binary control.tar.gz data.tar.gz > all
gpg --batch --quiet --import key.asc; gpg --batch --verify _gpgorigin all 2>&1`
	out, err := exec.Command("sh", "-c", sh, "sh", dir, file).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "Good signature from") {
		t.Errorf("gpg: %v\n%s", err, out)
	}
	tool(t, "dpkg-deb")
	run(t, "dpkg-deb", "-c", file)
}

// TestSignedRPM checks the signature with rpm itself, RSA and EdDSA.
func TestSignedRPM(t *testing.T) {
	tool(t, "rpm")
	for name, algo := range map[string]packet.PublicKeyAlgorithm{"RSA": packet.PubKeyAlgoRSA, "EdDSA": packet.PubKeyAlgoEdDSA} {
		private, public := pgpPair(t, algo, "")
		p, src := sample(t)
		dir := t.TempDir()
		write(t, dir, "private.asc", string(private), 0o600)
		write(t, dir, "public.asc", string(public), 0o600)
		opt := Options{Formats: []plan.Format{plan.RPM}, Sign: Signing{RPM: Key{File: filepath.Join(dir, "private.asc")}}}
		file := build(t, p, src, opt)[plan.RPM].Path
		if l, err := Inspect(file); err != nil || !l.Signed {
			t.Fatalf("%s: the listing is not signed: %v", name, err)
		}
		db := "--dbpath=" + filepath.Join(dir, "db")
		run(t, "rpm", db, "--initdb")
		if out, err := exec.Command("rpm", db, "-K", file).CombinedOutput(); err == nil {
			t.Errorf("%s: rpm takes a signature without the key:\n%s", name, out)
		}
		run(t, "rpm", db, "--import", filepath.Join(dir, "public.asc"))
		if out := run(t, "rpm", db, "-Kv", file); !strings.Contains(out, "Header V4 "+name+"/SHA256 Signature, key ID") || strings.Contains(out, "BAD") {
			t.Errorf("%s: rpm -Kv:\n%s", name, out)
		}
		damage(t, file)
		if out, err := exec.Command("rpm", db, "-K", file).CombinedOutput(); err == nil {
			t.Errorf("%s: rpm takes a damaged payload:\n%s", name, out)
		}
	}
}

// damage turns the last bytes of a file.
func damage(t testing.TB, file string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)-20] ^= 0xff
	if err := os.WriteFile(file, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestSignedAPK checks the signature over the control member as apk-tools does.
func TestSignedAPK(t *testing.T) {
	text := pemKey(t)
	block, _ := pem.Decode(text)
	key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	p, src := sample(t)
	opt := Options{Formats: []plan.Format{plan.APK}, Sign: Signing{APK: Key{Data: text}}}
	file := build(t, p, src, opt)[plan.APK].Path
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	r := bytes.NewReader(data)
	first := bufio.NewReader(r)
	at := func() int { return len(data) - r.Len() - first.Buffered() }
	name, signature := onlyMember(t, first)
	if name != ".SIGN.RSA.ann@example.org.rsa.pub" {
		t.Errorf("the signature is %q", name)
	}
	from := at()
	onlyMember(t, first)
	sum := sha1.Sum(data[from:at()])
	if err := rsa.VerifyPKCS1v15(&key.PublicKey, crypto.SHA1, sum[:], signature); err != nil {
		t.Errorf("the signature over the control member: %v", err)
	}
	if l, err := Inspect(file); err != nil || !l.Signed || l.Name != "shop" {
		t.Errorf("listing: %v", err)
	}
}

// onlyMember reads one gzip member and returns the first file of its tar.
func onlyMember(t *testing.T, r *bufio.Reader) (string, []byte) {
	t.Helper()
	z, err := gzip.NewReader(r)
	if err != nil {
		t.Fatal(err)
	}
	z.Multistream(false)
	whole, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	tr := tar.NewReader(bytes.NewReader(whole))
	h, err := tr.Next()
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(tr)
	if err != nil {
		t.Fatal(err)
	}
	return h.Name, data
}

// TestSignedIsReproducible: no clock and no chance is in a signature.
func TestSignedIsReproducible(t *testing.T) {
	private, _ := pgpPair(t, packet.PubKeyAlgoEdDSA, "")
	p, src := sample(t)
	key := Key{Data: private}
	opt := Options{Formats: []plan.Format{plan.Deb, plan.RPM, plan.APK}, Sign: Signing{Deb: key, RPM: key, APK: Key{Data: pemKey(t)}}}
	first, second := build(t, p, src, opt), build(t, p, src, opt)
	for f := range first {
		if first[f].SHA256 != second[f].SHA256 {
			t.Errorf("%s differs between two builds", f)
		}
	}
}

func TestBadKeys(t *testing.T) {
	locked, public := pgpPair(t, packet.PubKeyAlgoEdDSA, "secret")
	for name, c := range map[string]struct {
		sign Signing
		want string
	}{
		"missing":    {Signing{Deb: Key{File: "/nonexistent/key"}}, "deb: signing key: open /nonexistent/key"},
		"locked":     {Signing{RPM: Key{Data: locked}}, "rpm: signing key: the PGP key is locked and there is no passphrase"},
		"wrong":      {Signing{RPM: Key{Data: locked, Passphrase: "x"}}, "unlock the PGP key"},
		"public":     {Signing{Deb: Key{Data: public}}, "one private PGP key is wanted, there are 0"},
		"no PEM":     {Signing{APK: Key{Data: []byte("x")}}, "there is no PEM in it"},
		"key's name": {Signing{APK: Key{Data: pemKey(t)}, APKKeyName: "../x"}, "is not a file name"},
	} {
		p, src := sample(t)
		out := t.TempDir()
		_, err := Build(context.Background(), p, src, Options{OutDir: out, Sign: c.sign})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error is %v, want %q", name, err, c.want)
		}
		if err != nil && strings.Contains(err.Error(), "PRIVATE KEY-----") {
			t.Errorf("%s: the error shows the key", name)
		}
	}
}
