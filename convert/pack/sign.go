package pack

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/mail"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/packet"

	"github.com/nativize/nativize/convert/plan"
)

// signers hold the keys, read once before anything is written.
type signers struct {
	deb, rpm   *pgpSigner
	apk        *rsa.PrivateKey
	apkKeyName string
}

// load reads the keys of the formats that are written.
func (s *signers) load(p *plan.Package, built time.Time, sign Signing, list []plan.Format, ps *problems) {
	var err error
	if !sign.Deb.IsZero() && slices.Contains(list, plan.Deb) {
		if s.deb, err = newSigner(sign.Deb, built); err != nil {
			ps.add(plan.Deb, nil, "signing key: %v", err)
		}
	}
	if !sign.RPM.IsZero() && slices.Contains(list, plan.RPM) {
		if s.rpm, err = newSigner(sign.RPM, built); err != nil {
			ps.add(plan.RPM, nil, "signing key: %v", err)
		}
	}
	if !sign.APK.IsZero() && slices.Contains(list, plan.APK) {
		if s.apk, err = rsaKey(sign.APK); err != nil {
			ps.add(plan.APK, nil, "signing key: %v", err)
		}
		if s.apkKeyName, err = apkKeyName(sign.APKKeyName, p.Maintainer); err != nil {
			ps.add(plan.APK, nil, "name of the signing key: %v", err)
		}
	}
}

func (k Key) read() ([]byte, error) {
	if len(k.Data) > 0 {
		return k.Data, nil
	}
	return os.ReadFile(k.File)
}

// A pgpSigner is a key with the time of its signatures: that of the package,
// or, when the key is younger, that of the key. So no clock is read, and a key
// that signs deterministically gives the same bytes each time.
type pgpSigner struct {
	entity *openpgp.Entity
	at     time.Time
}

func newSigner(k Key, built time.Time) (*pgpSigner, error) {
	e, err := pgpKey(k)
	if err != nil {
		return nil, err
	}
	at := built
	for _, created := range keyTimes(e) {
		if created.After(at) {
			at = created
		}
	}
	return &pgpSigner{e, at}, nil
}

func keyTimes(e *openpgp.Entity) []time.Time {
	times := []time.Time{e.PrimaryKey.CreationTime}
	for _, k := range e.Subkeys {
		times = append(times, k.PublicKey.CreationTime)
	}
	return times
}

// isRSA reports whether signatures are made with RSA.
func (s *pgpSigner) isRSA() bool {
	key, ok := s.entity.SigningKey(s.at)
	return ok && key.PublicKey.PubKeyAlgo == packet.PubKeyAlgoRSA
}

func (s *pgpSigner) config() *packet.Config {
	salted := false
	return &packet.Config{
		DefaultHash: crypto.SHA256, Time: func() time.Time { return s.at },
		NonDeterministicSignaturesViaNotation: &salted,
	}
}

// pgpKey reads the one private key of a key file, armored or binary.
func pgpKey(k Key) (*openpgp.Entity, error) {
	data, err := k.read()
	if err != nil {
		return nil, err
	}
	read := openpgp.ReadKeyRing
	if bytes.Contains(data[:min(len(data), 4096)], []byte("-----BEGIN PGP")) {
		read = openpgp.ReadArmoredKeyRing
	}
	ring, err := read(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("read the PGP key: %w", err)
	}
	ring = slices.DeleteFunc(ring, func(e *openpgp.Entity) bool { return e.PrivateKey == nil })
	if len(ring) != 1 {
		return nil, fmt.Errorf("one private PGP key is wanted, there are %d", len(ring))
	}
	return ring[0], unlock(ring[0], k.Passphrase)
}

func unlock(e *openpgp.Entity, passphrase string) error {
	if !e.PrivateKey.Encrypted {
		return nil
	}
	if passphrase == "" {
		return errors.New("the PGP key is locked and there is no passphrase")
	}
	if err := e.DecryptPrivateKeys([]byte(passphrase)); err != nil {
		return fmt.Errorf("unlock the PGP key: %w", err)
	}
	return nil
}

// rsaKey reads an RSA key in PEM, PKCS #1 or #8.
func rsaKey(k Key) (*rsa.PrivateKey, error) {
	data, err := k.read()
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(data)
	if block == nil {
		return nil, errors.New("there is no PEM in it")
	}
	der := block.Bytes
	//lint:ignore SA1019 the form that abuild-keygen(1) writes
	if x509.IsEncryptedPEMBlock(block) {
		//lint:ignore SA1019 the same
		if der, err = x509.DecryptPEMBlock(block, []byte(k.Passphrase)); err != nil {
			return nil, fmt.Errorf("unlock the key: %w", err)
		}
	}
	if block.Type == "RSA PRIVATE KEY" {
		return x509.ParsePKCS1PrivateKey(der)
	}
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, fmt.Errorf("read the key: %w", err)
	}
	if r, ok := key.(*rsa.PrivateKey); ok {
		return r, nil
	}
	return nil, fmt.Errorf("apk wants an RSA key, this is %T", key)
}

// apkKeyName is the file name of the public key below /etc/apk/keys.
func apkKeyName(name, maintainer string) (string, error) {
	if name == "" {
		a, err := mail.ParseAddress(maintainer)
		if err != nil {
			return "", fmt.Errorf("take it from the maintainer %q: %w", maintainer, err)
		}
		name = a.Address
	}
	if strings.ContainsAny(name, "/\x00\n") || !printable(name) || len(name) > 80 {
		return "", fmt.Errorf("%q is not a file name of up to 80 bytes", name)
	}
	return strings.TrimSuffix(name, ".rsa.pub") + ".rsa.pub", nil
}

// detached signs message and returns the signature packet.
func (s *pgpSigner) detached(message io.Reader) ([]byte, error) {
	var sig bytes.Buffer
	err := openpgp.DetachSign(&sig, s.entity, message, s.config())
	return sig.Bytes(), err
}

// armored signs message and returns the signature in ASCII armor.
func (s *pgpSigner) armored(message io.Reader) ([]byte, error) {
	var sig bytes.Buffer
	err := openpgp.ArmoredDetachSign(&sig, s.entity, message, s.config())
	return sig.Bytes(), err
}

// signSHA1 signs a digest the way apk-tools 2 wants it: PKCS #1 v1.5 over SHA-1.
func signSHA1(key *rsa.PrivateKey, digest []byte) ([]byte, error) {
	return rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA1, digest)
}
