import { useLocalStorage } from "@mantine/hooks";
import { useEffect, useState } from "react";

/** Wall-screen mode: no navigation, type half as large again. A property of the device, so it is kept there. */
export function useWall(): { wall: boolean; setWall: (wall: boolean) => void; toggleWall: () => void } {
  const [wall, setWall] = useLocalStorage({ key: "tacho.wall", defaultValue: false, getInitialValueInEffect: false });
  return { wall, setWall: (next) => setWall(next), toggleWall: () => setWall((before) => !before) };
}

/** Enlarges the type of the page. */
export function useApplyWall(wall: boolean): void {
  useEffect(() => {
    document.documentElement.toggleAttribute("data-wall", wall);
    return () => document.documentElement.removeAttribute("data-wall");
  }, [wall]);
}

/** A screen on a wall does not go dark. Not all browsers can be asked, and a hidden page loses it. */
export function useStayAwake(isOn: boolean): void {
  useEffect(() => {
    if (!isOn || !("wakeLock" in navigator)) return;
    let lock: WakeLockSentinel | null = null;
    let isOver = false;
    const keep = async () => {
      if (document.hidden || isOver) return;
      // Refused where the battery is low; the screen then does what it does.
      const next = await navigator.wakeLock.request("screen").catch(() => null);
      if (isOver) void next?.release();
      else lock = next;
    };
    void keep();
    document.addEventListener("visibilitychange", keep);
    return () => {
      isOver = true;
      document.removeEventListener("visibilitychange", keep);
      void lock?.release();
    };
  }, [isOn]);
}

const REST_MS = 3_000;

/** Whether the pointer has rested for a while: nobody needs to see it then. */
export function useIsPointerResting(isOn: boolean): boolean {
  const [isResting, setResting] = useState(false);
  useEffect(() => {
    if (!isOn) return;
    let timer = setTimeout(() => setResting(true), REST_MS);
    const wake = () => {
      clearTimeout(timer);
      setResting(false);
      timer = setTimeout(() => setResting(true), REST_MS);
    };
    window.addEventListener("pointermove", wake);
    return () => {
      clearTimeout(timer);
      window.removeEventListener("pointermove", wake);
      setResting(false);
    };
  }, [isOn]);
  return isResting;
}
